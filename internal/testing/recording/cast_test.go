package recording

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func session() Cast {
	return Cast{Rows: 3, Columns: 20, Title: "a < b", Events: []Event{
		{At: 0, Text: "$ "}, {At: 50 * time.Millisecond, Text: "ls\r\n"}, {At: time.Second, Text: "\x1b[1;32m<a>\x1b[0m b\r\n"},
		{At: 2 * time.Second, Text: "c\r\nd\r\n$ "},
	}}
}

func TestFileHasTheSession(t *testing.T) {
	file, err := session().Bytes()
	if err != nil {
		t.Fatal(err)
	}
	const first = `{"version":2,"width":20,"height":3,"title":"a < b"}` + "\n" + `[0.000,"o","$ "]` + "\n"
	if !strings.HasPrefix(string(file), first) {
		t.Errorf("the file begins with %.80q", file)
	}
	got, err := Parse(file)
	if diff := cmp.Diff(session(), got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if want := "$ ls\n<a> b\nc\nd\n$"; got.Text() != want {
		t.Errorf("text %q, want %q", got.Text(), want)
	}
}

func TestParseRefusesOtherFiles(t *testing.T) {
	for _, file := range []string{"", "x", `{"version":1}`, `{"version":2}` + "\n" + `[1,"i","x"]`, `{"version":2}` + "\n" + `x`} {
		if _, err := Parse([]byte(file)); err == nil {
			t.Errorf("%q is no session", file)
		}
	}
}

func TestFramesJoinQuickOutput(t *testing.T) {
	frames, length := session().frames()
	if len(frames) != 3 || length != 8*time.Second {
		t.Errorf("%d frames in %s, want 3 in 8 s: %v", len(frames), length, frames)
	}
}

func TestPictureIsXMLWithColours(t *testing.T) {
	picture := session().SVG()
	reader := xml.NewDecoder(strings.NewReader(picture))
	for {
		_, err := reader.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, picture)
		}
	}
	for _, part := range []string{
		`<tspan class="b c2">&lt;a&gt;</tspan> b`, "<title>a &lt; b</title>", "100%", "0% { transform: translateX(0px); }",
		"25% { transform: translateX(-336px); }", `transform="translate(-336 0)"`,
	} {
		if !strings.Contains(picture, part) {
			t.Errorf("the picture lacks %s\n%s", part, picture)
		}
	}
}
