package kernel

import (
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// A Job is work in parts that do not depend on each other. worker counts from 0 and is below Pool.Threads: parts that run at
// the same time have different ones, so that it can choose scratch memory.
type Job interface {
	Part(worker, part int)
}

// Each is a job whose parts are calls of a function.
type Each func(part int)

// Part implements Job.
func (f Each) Part(_, part int) { f(part) }

// spins is how often a thread looks for work before it goes to sleep: some tens of microseconds. Between two jobs of a layer
// lie a few; waking a thread takes about fifty.
const spins = 20_000

// A Pool is a fixed number of threads for the jobs of any number of groups. It is safe for concurrent use.
type Pool struct {
	threads int
	work    chan *Group
	close   sync.Once
}

// NewPool returns a pool of so many threads: one of them is whoever calls Group.Do, the others wait from now on until Close.
func NewPool(threads int) *Pool {
	p := &Pool{threads: max(threads, 1), work: make(chan *Group, max(threads, 1))}
	for range p.threads - 1 {
		go p.serve()
	}
	return p
}

// Threads returns the number of threads.
func (p *Pool) Threads() int { return p.threads }

// Close ends the waiting threads. No group may be at work or begin to work.
func (p *Pool) Close() { p.close.Do(func() { close(p.work) }) }

func (p *Pool) serve() {
	debug.SetPanicOnFault(true) // holds for this goroutine: a mapped file that has been cut off is a panic, not the end
	for {
		g, ok := p.next()
		if !ok {
			return
		}
		g.help()
	}
}

// next returns the next group that wants help. For a while it looks again and again, because the next job usually follows at
// once.
func (p *Pool) next() (g *Group, ok bool) {
	for range spins {
		select {
		case g, ok = <-p.work:
			return g, ok
		default:
		}
	}
	g, ok = <-p.work
	return g, ok
}

// A Group does jobs, one at a time, with the threads of a pool. It belongs to one goroutine.
type Group struct {
	pool    *Pool
	job     Job
	parts   int64
	next    atomic.Int64 // the next part that nobody has begun
	workers atomic.Int64
	helpers atomic.Int64 // asked to help and not yet done
	parked  atomic.Bool  // the owner sleeps until done
	done    chan struct{}
	failure atomic.Pointer[any] // what the first panic of a helper was
}

// NewGroup returns a group for the caller.
func (p *Pool) NewGroup() *Group { return &Group{pool: p, done: make(chan struct{}, 1)} }

// Do does all parts of a job and returns when the last is done. A panic in a part is a panic of Do, after the others ended.
// It allocates nothing.
func (g *Group) Do(parts int, job Job) {
	g.job, g.parts = job, int64(parts)
	g.next.Store(0)
	g.workers.Store(0)
	g.failure.Store(nil)
	for range min(g.pool.threads, parts) - 1 {
		g.helpers.Add(1)
		select {
		case g.pool.work <- g:
		default: // every thread has work in front of it
			g.helpers.Add(-1)
		}
	}
	g.takeFirst()
	if f := g.failure.Load(); f != nil {
		panic(*f)
	}
}

// takeFirst does parts as worker 0 and waits for the helpers, also when a part panics.
func (g *Group) takeFirst() {
	defer g.wait()
	defer g.next.Store(g.parts)
	g.take(0)
}

// wait returns when no helper is at work. The last part of another thread usually ends within microseconds; if it does not, that
// thread may be waiting for this one's processor.
func (g *Group) wait() {
	for range spins {
		if g.helpers.Load() == 0 {
			return
		}
	}
	g.parked.Store(true)
	if g.helpers.Load() == 0 && g.parked.Swap(false) {
		return // whoever was last has not seen that this one sleeps
	}
	<-g.done
}

// leave is the end of a helper's work.
func (g *Group) leave() {
	if g.helpers.Add(-1) == 0 && g.parked.Swap(false) {
		g.done <- struct{}{}
	}
}

func (g *Group) help() {
	defer g.leave()
	defer func() {
		if r := recover(); r != nil {
			g.next.Store(g.parts)
			failure := r // a variable of its own: the address of r would make every call allocate
			g.failure.CompareAndSwap(nil, &failure)
		}
	}()
	g.take(int(g.workers.Add(1)))
}

func (g *Group) take(worker int) {
	for {
		part := g.next.Add(1) - 1
		if part >= g.parts {
			return
		}
		g.job.Part(worker, int(part))
	}
}
