package view

import (
	"bytes"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
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
		"overlapping itself": {[]string{"ab", "aba", "b."}, "***.", "***."},
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

// TestMaskWithAnyWrites: however a text is written, the output is that of [hclspec.Secrets.Mask], and shows no secret.
func TestMaskWithAnyWrites(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	word := func(letters string, length int) string {
		text := make([]byte, length)
		for i := range text {
			text[i] = letters[random.IntN(len(letters))]
		}
		return string(text)
	}
	for range 3000 {
		var secrets hclspec.Secrets
		for range 1 + random.IntN(4) {
			secrets = append(secrets, word("ab", 4+random.IntN(5)))
		}
		slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
		text := word("abc"[:2+random.IntN(2)], random.IntN(60))
		var out bytes.Buffer
		w, end := newMaskWriter(&out, secrets)
		for rest := text; rest != ""; {
			n := 1 + random.IntN(len(rest))
			_, _ = io.WriteString(w, rest[:n])
			rest = rest[n:]
		}
		end()
		if want := secrets.Mask(text); out.String() != want {
			t.Fatalf("%q with %q: %q, not %q", text, secrets, out.String(), want)
		}
		for _, secret := range secrets {
			if strings.Contains(out.String(), secret) {
				t.Fatalf("%q with %q: %q", text, secrets, out.String())
			}
		}
	}
}

// keySecrets are the secrets of a private key of 52 lines.
func keySecrets() hclspec.Secrets {
	random := rand.NewChaCha8([32]byte{1})
	var secrets hclspec.Secrets
	for range 52 {
		line := make([]byte, 48)
		_, _ = random.Read(line)
		secrets = append(secrets, base64.StdEncoding.EncodeToString(line))
	}
	return append(hclspec.Secrets{strings.Join(secrets, "\n")}, secrets...)
}

// BenchmarkMask masks a private key of 52 lines in base64, by far the slowest text: each byte may begin a secret.
func BenchmarkMask(b *testing.B) {
	random := rand.NewChaCha8([32]byte{2})
	raw := make([]byte, 1<<20)
	_, _ = random.Read(raw)
	text := []byte(base64.StdEncoding.EncodeToString(raw))
	secrets := keySecrets()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		w, end := newMaskWriter(io.Discard, secrets)
		for chunk := range slices.Chunk(text, 32<<10) {
			_, _ = w.Write(chunk)
		}
		end()
	}
}

// TestHiddenStdout: a note stands in place of a stdout with a value that is not known yet.
func TestHiddenStdout(t *testing.T) {
	c, read := newTestOutput(t, "test")
	writeBoth(t, c.StreamsOf(&hclspec.Task{Name: "login", IsStdoutHidden: true}), "top\nsecret\n", "loud\n")
	writeBoth(t, c.StreamsOf(&hclspec.Task{Name: "silent", IsStdoutHidden: true}), "", "")
	if out, err := read(); out != "" || err != "login | (stdout is not shown: another task uses it as a sensitive value)\nlogin | loud\n" {
		t.Errorf("%q, %q", out, err)
	}
}
