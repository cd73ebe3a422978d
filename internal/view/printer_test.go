package view

import (
	"bytes"
	"fmt"
	"testing"

	"tasks/hclspec"
)

func TestMaskedWriter(t *testing.T) {
	var out bytes.Buffer
	p := &Printer{}
	w := maskedWriter{p, &out}
	fmt.Fprintln(w, "before: hidden")
	p.SetSecrets(hclspec.Secrets{"hidden"})
	if n, err := fmt.Fprintln(w, "now: hidden"); n != len("now: hidden\n") || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if want := "before: hidden\nnow: ***\n"; out.String() != want {
		t.Errorf("%q, not %q", out.String(), want)
	}
}

// TestLinesAboveTheDisplay: during a run, lines on stderr take the way of notices.
func TestLinesAboveTheDisplay(t *testing.T) {
	var out bytes.Buffer
	p := &Printer{}
	p.SetSecrets(hclspec.Secrets{"hidden"})
	p.notices.Store(NewNoticePrinter(maskedWriter{p, &out}, NoticeOptions{}, error.Error))
	p.PrintWarning("hidden is gone")
	p.PrintRemoved("network", "app_default", "")
	if want := "warning: *** is gone\nnetwork app_default  removed\n"; out.String() != want {
		t.Errorf("%q, not %q", out.String(), want)
	}
}
