//go:build unix

package interrupt

import (
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// process is a process that gets signals, in virtual time.
type process struct {
	*Signals
	received chan os.Signal
	began    time.Time
	ending   atomic.Pointer[ending]
}

// ending is the end of a process.
type ending struct {
	code int
	at   time.Time
}

// code returns the exit code, -1 before the end.
func (p *process) code() int {
	if e := p.ending.Load(); e != nil {
		return e.code
	}
	return -1
}

// endedAfter returns the time from the beginning to the end, 0 before the end.
func (p *process) endedAfter() time.Duration {
	if e := p.ending.Load(); e != nil {
		return e.at.Sub(p.began)
	}
	return 0
}

func inProcess(t *testing.T, test func(*process)) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		p := &process{received: make(chan os.Signal), began: time.Now()}
		p.Signals = From(p.received, func(code int) { p.ending.Store(&ending{code, time.Now()}) })
		defer close(p.received)
		test(p)
		synctest.Wait()
	})
}

func (p *process) send(signals ...os.Signal) {
	for _, sig := range signals {
		p.received <- sig
	}
	synctest.Wait()
}

func TestSecondSignalEndsTheProgram(t *testing.T) {
	inProcess(t, func(p *process) {
		p.send(syscall.SIGTERM)
		time.Sleep(time.Hour)
		if p.Hurry().Err() != nil || p.Forced().Err() != nil || p.code() != -1 {
			t.Error("the first signal bounds the end")
		}
		p.began = time.Now()
		p.send(os.Interrupt)
		if p.Hurry().Err() == nil || p.Forced().Err() != nil {
			t.Error("the second signal does not hurry, or ends the work at once")
		}
		time.Sleep(CleanupLimit)
		synctest.Wait()
		if p.Forced().Err() == nil || p.code() != -1 {
			t.Errorf("after %s: %v, code %d", CleanupLimit, p.Forced().Err(), p.code())
		}
		time.Sleep(time.Minute)
		if p.code() != 143 || p.endedAfter() != 5*time.Second {
			t.Errorf("code %d after %s", p.code(), p.endedAfter())
		}
		if len(p.C) != 2 {
			t.Errorf("%d signals passed on", len(p.C))
		}
	})
}

func TestThirdSignalEndsTheProgramAtOnce(t *testing.T) {
	inProcess(t, func(p *process) {
		said := false
		p.BeforeForcedEnd(func() { said = true })
		p.send(os.Interrupt, syscall.SIGUSR1, os.Interrupt, syscall.SIGUSR1)
		if p.code() != -1 {
			t.Error("SIGUSR1 counts")
		}
		p.send(os.Interrupt)
		if p.code() != 130 || p.endedAfter() != 0 || !said {
			t.Errorf("code %d after %s, farewell %t", p.code(), p.endedAfter(), said)
		}
		time.Sleep(time.Minute)
	})
}

// TestWorkAwaitsTheForcedEnd: work that a forced end has cut short does not end the process before the last messages.
func TestWorkAwaitsTheForcedEnd(t *testing.T) {
	inProcess(t, func(p *process) {
		p.AwaitForcedEnd() // no forced end has begun
		said := false
		p.BeforeForcedEnd(func() { time.Sleep(100 * time.Millisecond); said = true })
		returned := make(chan bool, 1)
		go func() {
			<-p.Forced().Done()
			p.AwaitForcedEnd()
			returned <- said
		}()
		p.send(os.Interrupt, os.Interrupt, os.Interrupt)
		time.Sleep(time.Second)
		if wasSaid := <-returned; !wasSaid || p.code() != 130 {
			t.Errorf("returned before the last messages: %t, code %d", !wasSaid, p.code())
		}
	})
}

// A farewell to a reader that stands still holds up nobody.
func TestFarewellIsBounded(t *testing.T) {
	inProcess(t, func(p *process) {
		stuck := make(chan struct{})
		p.BeforeForcedEnd(func() { <-stuck })
		p.send(os.Interrupt, os.Interrupt, os.Interrupt)
		time.Sleep(time.Second)
		if p.code() != 130 || p.endedAfter() > 500*time.Millisecond {
			t.Errorf("code %d after %s", p.code(), p.endedAfter())
		}
		close(stuck)
		time.Sleep(time.Minute)
	})
}

// finally tasks outlive the second and third signal. The fourth is like the second, the fifth like the third.
func TestHeldProgramEndsLater(t *testing.T) {
	for name, test := range map[string]struct {
		signals int
		held    time.Duration
		want    time.Duration
	}{
		"until the work is done":       {2, time.Minute, time.Minute + 5*time.Second},
		"in spite of the third signal": {3, time.Minute, time.Minute + 5*time.Second},
		"until the fourth signal":      {4, time.Hour, 5 * time.Second},
		"until the fifth signal":       {5, time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inProcess(t, func(p *process) {
				p.Hold(func() bool { return time.Since(p.began) < test.held })
				for range test.signals {
					p.send(os.Interrupt)
				}
				time.Sleep(2 * time.Hour)
				if p.code() != 130 || p.endedAfter() < test.want || p.endedAfter() > test.want+holdInterval {
					t.Errorf("code %d after %s; want %s", p.code(), p.endedAfter(), test.want)
				}
			})
		})
	}
}
