package view

import (
	"bytes"
	"strings"
	"testing"
)

func TestPartialLines(t *testing.T) {
	for name, c := range map[string]struct {
		pieces []string
		// want are the complete lines after each piece, and the rest.
		want []string
	}{
		"line feeds":                    {[]string{"a", "b\nc", "\n", "d"}, []string{"", "ab\n", "c\n", "", "d\n"}},
		"empty lines":                   {[]string{"\n\n", "a\n"}, []string{"\n\n", "a\n", ""}},
		"a terminal's":                  {[]string{"a\r\nb\r", "\nc\r\r\n"}, []string{"a\r\n", "b\r\nc\r\r\n", ""}},
		"a bar that returns at the end": {[]string{"10%\r", "20%\r", "30%\n"}, []string{"", "10%\n", "20%\n30%\n", ""}},
		"a bar that returns first": {
			[]string{"\r10%", "\r20%", "\r30%\r\n"}, []string{"", "10%\n", "20%\n30%\r\n", ""},
		},
		"many in one piece":   {[]string{"1\r2\r3\r4"}, []string{"1\n2\n3\n", "4\n"}},
		"nothing but returns": {[]string{"\r", "\r\r"}, []string{"", "", ""}},
	} {
		var lines lineBuffer
		var got []string
		for _, piece := range c.pieces {
			got = append(got, string(lines.push([]byte(piece))))
		}
		got = append(got, string(lines.flush()))
		if strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestLongLineIsSplit: an endless line costs neither memory nor repeated searches.
func TestLongLineIsSplit(t *testing.T) {
	var lines lineBuffer
	var got bytes.Buffer
	piece := []byte("x" + strings.Repeat("äöü", 1000)) // it is cut within a character
	for range 100 {
		got.Write(lines.push(piece))
		if len(lines.partial) > maxOpenLine {
			t.Fatalf("%d bytes are kept", len(lines.partial))
		}
	}
	if got.Len() < 8*maxOpenLine {
		t.Errorf("only %d bytes are shown before the end", got.Len())
	}
	got.Write(lines.flush())
	if cut := bytes.Count(got.Bytes(), []byte("\n")); cut > 11 {
		t.Errorf("it is cut %d times", cut)
	}
	if whole := bytes.ReplaceAll(got.Bytes(), []byte("\n"), nil); !bytes.Equal(whole, bytes.Repeat(piece, 100)) {
		t.Error("not all of it is shown")
	}
	for line := range strings.Lines(got.String()) {
		if strings.ToValidUTF8(line, "?") != line {
			t.Fatal("a character is cut")
		}
	}
	if once := lines.push(bytes.Repeat([]byte("y"), 3*maxOpenLine)); len(once) != 3*maxOpenLine+1 {
		t.Errorf("%d bytes of one long piece are shown", len(once))
	}
}
