package view

import (
	"bytes"
	"testing"

	"tasks/hclspec"
)

func TestMask(t *testing.T) {
	secrets := hclspec.Secrets{"secret-and-more", "secret", "line one\nline two", "abab"}
	for name, c := range map[string]struct {
		writes []string
		want   string
		// before is the output before the end.
		before string
	}{
		"whole":              {[]string{"the secret is\n"}, "the *** is\n", "the *** is\n"},
		"two writes":         {[]string{"the sec", "ret is\n"}, "the *** is\n", "the *** is\n"},
		"byte by byte":       {[]string{"x", "s", "e", "c", "r", "e", "t", "y"}, "x***y", "x***y"},
		"the longest":        {[]string{"secret-and", "-more\n"}, "***\n", "***\n"},
		"a beginning":        {[]string{"a sec"}, "a sec", "a "},
		"shorter at the end": {[]string{"a secret"}, "a ***", "a "},
		"a longer one begun": {[]string{"secret-and-mor"}, "***-and-mor", ""},
		"no longer one":      {[]string{"secret-and-less"}, "***-and-less", "***-and-les"},
		"twice":              {[]string{"secretsecret", "secre", "t."}, "*********.", "*********."},
		"several lines":      {[]string{"line one\n", "line two\n"}, "***\n", "***\n"},
		"overlapping itself": {[]string{"ab", "aba", "b."}, "***ab.", "***ab."},
		"nothing in between": {[]string{"se", "", "cret."}, "***.", "***."},
		"not at all":         {[]string{"set\n"}, "set\n", "set\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			w, end := newMaskWriter(&out, secrets)
			for _, text := range c.writes {
				if n, err := w.Write([]byte(text)); n != len(text) || err != nil {
					t.Fatalf("%d, %v", n, err)
				}
			}
			if out.String() != c.before {
				t.Errorf("before the end %q, not %q", out.String(), c.before)
			}
			end()
			if out.String() != c.want {
				t.Errorf("%q, not %q", out.String(), c.want)
			}
		})
	}
}

func TestMaskWithoutSecrets(t *testing.T) {
	var out bytes.Buffer
	if w, _ := newMaskWriter(&out, nil); w != &out {
		t.Error("without secrets the writer itself is what is written to")
	}
}

func TestTaskNameIsMasked(t *testing.T) {
	c, read := newTestOutput(t, "test")
	c.Secrets = func() hclspec.Secrets { return hclspec.Secrets{"secret"} }
	writeBoth(t, c.StreamsOf(&hclspec.Task{Name: "t@key=secret"}), "a secret\n", "")
	writeBoth(t, c.StreamsOf(&hclspec.Task{Name: "own", Secrets: hclspec.Secrets{"derived"}}), "derived\n", "")
	if _, err := read(); err != "t@key=*** | a ***\nown | ***\n" {
		t.Errorf("%q", err)
	}
}
