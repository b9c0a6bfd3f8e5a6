package novaperf

import (
	"math"
	"math/bits"
	"slices"
)

// keyOf returns the histogram key of a finite value: 0 for 0; for a positive value the 11 exponent bits and the first 9
// mantissa bits of the double, which makes 512 buckets per power of two, each at most 1/512 of its values wide; for a
// negative value -1 - keyOf(-value). Keys ascend with the values. Values below 2^-1031, all subnormal, share key 0.
func keyOf(value float64) int32 {
	const keyShift = 52 - 9
	if value < 0 {
		return -1 - int32(math.Float64bits(-value)>>keyShift)
	}
	return int32(math.Float64bits(value) << 1 >> 1 >> keyShift) // the shifts clear the sign of -0
}

// bin is the number of values with one key.
type bin struct {
	key   int32
	count uint32
}

const smallestTable = 3 // log2 of slots

// table counts values by key: open addressing, linear probing, at most three quarters full. A slot with count 0 is
// free.
//
// Not a Go map: counting 4,000 latencies in a map[int32]uint32 takes twice as long (56 against 28 µs, Go 1.26).
type table struct {
	slots []bin
	used  int
	log2  int
}

// add counts one value; when the table is full, the pool provides one of twice the size.
func (t *table) add(key int32, pool *tablePool) {
	if 4*(t.used+1) > 3*len(t.slots) {
		t.grow(pool)
	}
	t.addCount(key, 1)
}

func (t *table) addCount(key int32, count uint32) {
	mask := uint32(len(t.slots) - 1)
	// Fibonacci hashing: the high bits of the product are well mixed, even for neighbouring keys.
	at := uint32(key) * 0x9E3779B1 >> (32 - uint32(t.log2)) & mask
	for {
		slot := &t.slots[at]
		if slot.count == 0 {
			*slot = bin{key, count}
			t.used++
			return
		}
		if slot.key == key {
			slot.count += count
			return
		}
		at = (at + 1) & mask
	}
}

func (t *table) grow(pool *tablePool) {
	old := *t
	*t = pool.take(old.log2 + 1)
	for _, slot := range old.slots {
		if slot.count > 0 {
			t.addCount(slot.key, slot.count)
		}
	}
	pool.give(old)
}

// sorted appends the bins to into, keys ascending. All keys are between least and greatest.
//
// If the keys are dense, as for many latencies, placing the counts in an array by key takes a tenth of the time of
// sorting, which took half of the time of the aggregation.
func (t *table) sorted(into []bin, least, greatest int32, layout *[]uint32) []bin {
	width := int(greatest) - int(least) + 1
	if width > 32*t.used {
		for _, slot := range t.slots {
			if slot.count > 0 {
				into = append(into, slot)
			}
		}
		slices.SortFunc(into, func(a, b bin) int { return int(a.key) - int(b.key) })
		return into
	}
	if cap(*layout) < width {
		*layout = make([]uint32, width)
	}
	counts := (*layout)[:width] // all 0 between calls
	for _, slot := range t.slots {
		if slot.count > 0 {
			counts[slot.key-least] = slot.count
		}
	}
	for i, count := range counts {
		if count > 0 {
			into = append(into, bin{least + int32(i), count})
			counts[i] = 0
		}
	}
	return into
}

// fittingLog2 returns the table size (log2) that holds these bins without growing.
func (t *table) fittingLog2() int {
	return max(smallestTable, bits.Len(uint(t.used+t.used/3)))
}

// tablePool keeps empty tables by size, for the next window.
type tablePool [32][][]bin

func (p *tablePool) take(log2 int) table {
	log2 = max(log2, smallestTable)
	free := p[log2]
	if len(free) == 0 {
		return table{slots: make([]bin, 1<<log2), log2: log2}
	}
	slots := free[len(free)-1]
	p[log2] = free[:len(free)-1]
	return table{slots: slots, log2: log2}
}

func (p *tablePool) give(t table) {
	if t.slots == nil {
		return
	}
	clear(t.slots)
	p[t.log2] = append(p[t.log2], t.slots)
}
