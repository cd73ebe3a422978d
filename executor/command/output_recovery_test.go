package command

import (
	"bytes"
	"io"
	"testing"
)

// No byte of a log comes twice, and none is lost, wherever the connection broke and however the log arrives. The line
// end that the engine adds to an open last line is not output.
func TestRestOfALog(t *testing.T) {
	for _, output := range []string{"one\ntwo\n", "one\ntwo", "\n\n\n", "x", ""} {
		log := output
		if output != "" && output[len(output)-1] != '\n' {
			log += "\n"
		}
		for broken := 0; broken <= len(output); broken++ {
			for size := 1; size <= len(log)+1; size++ {
				var got bytes.Buffer
				to := &countingWriter{w: &got}
				_, _ = io.WriteString(to, output[:broken])
				rest := &restWriter{to: to, skip: to.count}
				for text := log; text != ""; text = text[min(size, len(text)):] {
					if n, err := io.WriteString(rest, text[:min(size, len(text))]); err != nil || n != min(size, len(text)) {
						t.Fatalf("%d, %v", n, err)
					}
				}
				want := map[bool]string{true: log, false: output}[broken < len(output)]
				isOpen := broken == len(output)-1 && output[broken] == '\n' && (broken > 0 && output[broken-1] != '\n')
				if isOpen { // a lone line end after an open line counts as that of the log
					want = output[:broken]
				}
				if got.String() != want {
					t.Errorf("%q, broken at %d, in parts of %d: %q, want %q", output, broken, size, got.String(), want)
				}
			}
		}
	}
}
