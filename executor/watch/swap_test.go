package watch

import (
	"sync"
	"testing"
	"time"
)

func TestSwap(t *testing.T) {
	onBoth(t, pythonFiles, python, func(t *testing.T, w *watching) {
		if err := w.w.SetRules(Rules{Root: w.root, Units: []Unit{{Paths: []string{"docs/*.py"}}}}); err != nil {
			t.Fatal(err)
		}
		w.write("app/a.py", "not any more")
		w.write("Tasks.hcl", "not any more")
		w.nothingBut("docs/d.py")
		if err := w.w.SetRules(Rules{Root: w.root, Units: []Unit{{Paths: []string{"[a-"}}}}); err == nil {
			t.Error("a wrong glob was taken")
		}
		w.nothingBut("docs/d.py")
		rules := python
		rules.Root = w.root
		if err := w.w.SetRules(rules); err != nil {
			t.Fatal(err)
		}
		w.write("docs/d.py", "not any more, it is")
		w.nothingBut("app/sub/b.py")
	})
}

// A file that vanished shortly before the swap is not forgotten.
func TestSwapLosesNothing(t *testing.T) {
	onBoth(t, pythonFiles, python, func(t *testing.T, w *watching) {
		rules := python
		rules.Root = w.root
		w.remove("app/sub/b.py")
		if err := w.w.SetRules(rules); err != nil {
			t.Fatal(err)
		}
		w.expect("app/sub/b.py")
	})
}

func TestSwapWhileFilesChange(t *testing.T) {
	onBoth(t, pythonFiles, python, func(t *testing.T, w *watching) {
		var swaps sync.WaitGroup
		swaps.Go(func() {
			rules := python
			rules.Root = w.root
			for range 20 {
				if err := w.w.SetRules(rules); err != nil {
					t.Error(err)
				}
			}
		})
		var names []string
		for i := range 20 {
			name := "app/dir" + string(rune('a'+i)) + "/f.py"
			w.write(name, "x")
			names = append(names, name)
		}
		swaps.Wait()
		w.write("app/a.py", "the last one")
		seen := map[string]bool{}
		for deadline := time.After(10 * time.Second); !seen["app/a.py"]; {
			select {
			case b := <-w.batches:
				for _, change := range b.Changes {
					seen[change] = true
				}
			case <-deadline:
				t.Fatal("no event of the last file")
			}
		}
		names = append(names, "app/a.py")
		for _, name := range names { // all are watched, found by either side
			w.write(name, "longer than it was")
		}
		w.expect(names...)
	})
}
