package novaperf

import (
	"math"
	"math/bits"

	"github.com/cespare/xxhash/v2"
	"github.com/mstoykov/atlas"

	"go.k6.io/k6/v2/metrics"
)

const (
	// sketchLog2 gives 4096 registers, one byte each: standard error 1.04 / sqrt(4096) = 1.6 %.
	sketchLog2 = 12
	// mostSketches limits the memory of one metric: 64 tags, 256 KB.
	mostSketches = 64
)

// distinctTags counts the distinct values of each tag of one metric, in bounded memory.
type distinctTags struct {
	sketches map[string]*sketch
	last     *metrics.TagSet
}

func newDistinctTags() *distinctTags {
	return &distinctTags{sketches: make(map[string]*sketch)}
}

// add counts every tag of a set. Tags beyond the first 64 are not counted.
func (d *distinctTags) add(set *metrics.TagSet) {
	if set == d.last {
		return
	}
	d.last = set
	for node := (*atlas.Node)(set); !node.IsRoot(); {
		previous, key, value := node.Data()
		node = previous
		counter := d.sketches[key]
		if counter == nil {
			if len(d.sketches) >= mostSketches {
				continue
			}
			counter = new(sketch)
			d.sketches[key] = counter
		}
		counter.add(value)
	}
}

// estimateOf returns the approximate number of values of a tag; 0 for a tag that is not counted.
func (d *distinctTags) estimateOf(tag string) uint64 {
	if counter := d.sketches[tag]; counter != nil {
		return counter.estimate()
	}
	return 0
}

// most returns the tag with the most distinct values and their approximate number; of several, the first by name.
func (d *distinctTags) most() (tag string, values uint64) {
	for key, counter := range d.sketches {
		n := counter.estimate()
		if n > values || n == values && key < tag {
			tag, values = key, n
		}
	}
	return tag, values
}

// sketch estimates the number of distinct strings with HyperLogLog (Flajolet, Fusy, Gandouet, Meunier 2007). Small
// numbers use their linear counting; 64-bit hashes need no correction for large ones.
type sketch [1 << sketchLog2]uint8

func (s *sketch) add(value string) {
	hash := xxhash.Sum64String(value)
	register := hash >> (64 - sketchLog2)
	rank := uint8(bits.LeadingZeros64(hash<<sketchLog2|1<<(sketchLog2-1)) + 1)
	if rank > s[register] {
		s[register] = rank
	}
}

func (s *sketch) estimate() uint64 {
	const m = 1 << sketchLog2
	sum, zeros := 0.0, 0
	for _, rank := range s {
		sum += 1 / float64(uint64(1)<<rank)
		if rank == 0 {
			zeros++
		}
	}
	const alpha = 0.7213 / (1 + 1.079/m)
	raw := alpha * m * m / sum
	if raw <= 2.5*m && zeros > 0 {
		raw = m * math.Log(m/float64(zeros))
	}
	return uint64(math.Round(raw))
}
