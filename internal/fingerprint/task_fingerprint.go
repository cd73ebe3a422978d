package fingerprint

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// taskFingerprint is the state of a task at the last success.
type taskFingerprint struct {
	// inputsHash is the hash of all inputs, for a quick comparison.
	inputsHash string
	// files are the inputs.
	files listing
	// parts are the hashes of all other inputs, by name.
	parts map[string]string
}

// fingerprintVersion begins a kept fingerprint. Other versions are ignored: those of version 1 were readable for all
// users.
const fingerprintVersion = "tasks run 2"

// Texts in place of a fingerprint, for tasks without a success to compare with.
const (
	notSucceeded     = "not succeeded"
	changedDuringRun = "changed while running"
)

func newFingerprint(files listing, parts map[string]string) *taskFingerprint {
	r := &taskFingerprint{parts: make(map[string]string, len(parts)), files: files}
	h := sha256.New()
	var one []byte
	for _, e := range files {
		one = append(append(one[:0], e.name...), 0)
		_, _ = h.Write(append(one, e.sum[:]...))
	}
	r.inputsHash = hex.EncodeToString(h.Sum(nil))
	for name, text := range parts {
		sum := sha256.Sum256([]byte(text))
		r.parts[name] = hex.EncodeToString(sum[:])
	}
	return r
}

// encode writes lines: the parts, an empty line, and the files. The lines hold hashes only, never values.
func (r *taskFingerprint) encode() []byte {
	var b strings.Builder
	b.WriteString(fingerprintVersion + " " + r.inputsHash + "\n")
	for _, name := range slices.Sorted(maps.Keys(r.parts)) {
		b.WriteString(r.parts[name] + " " + escape(name) + "\n")
	}
	b.WriteString("\n")
	for _, e := range r.files {
		b.WriteString(e.sum.String() + " " + escape(e.name) + "\n")
	}
	return []byte(b.String())
}

// escape keeps a name on a single line.
func escape(name string) string {
	if !strings.ContainsAny(name, "\\\n") {
		return name
	}
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(name)
}

// firstDifference names the first difference from the encoded fingerprint of an earlier success, or returns an empty
// text.
func (r *taskFingerprint) firstDifference(before []byte) string {
	head, rest, _ := strings.Cut(string(before), "\n")
	whole, ok := strings.CutPrefix(head, fingerprintVersion+" ")
	switch {
	case head == notSucceeded:
		return "its last run failed"
	case head == changedDuringRun:
		return "an input changed during its last run"
	case !ok:
		return "it never succeeded"
	}
	parts, files, _ := strings.Cut(rest, "\n\n")
	if parts == "" && strings.HasPrefix(rest, "\n") {
		files = rest[1:]
	}
	if whole != r.inputsHash {
		if name := firstChange(r.sums(), hashesByName(files)); name != "" {
			return "input " + name
		}
		return "its inputs differ"
	}
	return firstChange(escapedNames(r.parts), hashesByName(parts))
}

func hashesByName(text string) map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(text) {
		sum, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		all[name] = sum
	}
	return all
}

// sums maps the encoded inputs' names to their hashes.
func (r *taskFingerprint) sums() map[string]string {
	all := make(map[string]string, len(r.files))
	for _, e := range r.files {
		all[escape(e.name)] = e.sum.String()
	}
	return all
}

func escapedNames(sums map[string]string) map[string]string {
	all := make(map[string]string, len(sums))
	for name, sum := range sums {
		all[escape(name)] = sum
	}
	return all
}

// firstChange names the first different value, or returns an empty text.
func firstChange(now, before map[string]string) string {
	for _, name := range slices.Sorted(maps.Keys(now)) {
		switch was, there := before[name]; {
		case !there:
			return name + " is new"
		case was != now[name] && strings.HasPrefix(name, "the volume "):
			return name + " is another one"
		case was != now[name]:
			return name + " differs"
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if _, there := now[name]; !there {
			return name + " is gone"
		}
	}
	return ""
}
