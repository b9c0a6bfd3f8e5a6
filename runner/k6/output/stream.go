package novaperf

import (
	"io"
	"sync"
)

// stream writes in its own goroutine, so that a stalled reader does not stop the aggregation: only some KB of text per
// second are then queued, instead of all samples.
type stream struct {
	destination io.Writer
	failed      func(error) // called once, when a write fails; nothing is written afterwards

	mutex   sync.Mutex
	wake    *sync.Cond
	waiting []byte
	closing bool
	broken  bool
	done    chan struct{}
}

func newStream(destination io.Writer, failed func(error)) *stream {
	s := &stream{destination: destination, failed: failed, done: make(chan struct{})}
	s.wake = sync.NewCond(&s.mutex)
	go s.run()
	return s
}

// write queues a copy of text.
func (s *stream) write(text []byte) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if !s.broken {
		s.waiting = append(s.waiting, text...)
		s.wake.Signal()
	}
}

// close returns when everything queued is written, or writing has failed.
func (s *stream) close() {
	s.mutex.Lock()
	s.closing = true
	s.wake.Signal()
	s.mutex.Unlock()
	<-s.done
}

func (s *stream) run() {
	defer close(s.done)
	var writing []byte
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for {
		for len(s.waiting) == 0 {
			if s.closing {
				return
			}
			s.wake.Wait()
		}
		writing, s.waiting = s.waiting, writing[:0]
		s.mutex.Unlock()
		_, err := s.destination.Write(writing)
		if err != nil {
			s.failed(err)
		}
		s.mutex.Lock()
		if err != nil {
			s.broken, s.waiting = true, nil
			return
		}
	}
}
