package command

import (
	"errors"
	"strings"
	"testing"
)

func TestRefusalFilter(t *testing.T) {
	const refusal = "\x00token\x00"
	for name, test := range map[string]struct {
		writes    []string
		want      string
		isRefused bool
	}{
		"refused at once":      {[]string{refusal}, "", true},
		"refused in parts":     {[]string{"\x00", "token", "\x00"}, "", true},
		"no output":            {nil, "", false},
		"other output":         {[]string{"a", "b"}, "ab", false},
		"output with a zero":   {[]string{"\x00", "x"}, "\x00x", false},
		"the beginning alone":  {[]string{"\x00tok"}, "\x00tok", false},
		"another token":        {[]string{"\x00tokes\x00"}, "\x00tokes\x00", false},
		"more than a refusal":  {[]string{refusal, "x"}, refusal + "x", false},
		"refusal after output": {[]string{"x", refusal}, "x" + refusal, false},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			f := &refusalFilter{refusal: refusal, next: &out}
			for _, text := range test.writes {
				if n, err := f.Write([]byte(text)); n != len(text) || err != nil {
					t.Fatalf("wrote %d of %q: %v", n, text, err)
				}
			}
			isRefused, err := f.isRefused()
			if isRefused != test.isRefused || out.String() != test.want || err != nil {
				t.Errorf("refused %t, output %q, error %v; want %t, %q", isRefused, out.String(), err, test.isRefused, test.want)
			}
		})
	}
	var none *refusalFilter
	if isRefused, err := none.isRefused(); isRefused || err != nil {
		t.Errorf("a container that was no standby: %t, %v", isRefused, err)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken") }

func TestRefusalFilterReportsFailedWrites(t *testing.T) {
	f := &refusalFilter{refusal: "\x00token\x00", next: brokenWriter{}}
	if _, err := f.Write([]byte("\x00x")); err == nil {
		t.Error("no error for held bytes")
	}
	if _, err := f.Write([]byte("x")); err == nil {
		t.Error("no error for other bytes")
	}
}
