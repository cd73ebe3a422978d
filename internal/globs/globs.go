package globs

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Set holds globs for paths relative to a directory, with slashes.
//
// A glob matches a file by its path. `**` stands for any number of directories. A glob with a last name without
// wildcards may also name a directory, and then stands for all files below. A slash at the end allows directories only.
type Set struct {
	texts []string
	// matchers are the globs without braces.
	matchers []matcher
}

// matcher is a glob without braces, cut at its slashes.
type matcher struct {
	// glob is the index of the glob's text.
	glob  int
	parts []part
}

// part matches one name of a path.
type part struct {
	text string
	kind partKind
}

type partKind int

const (
	literalPart partKind = iota
	wildcardPart
	// starPart matches every name, deepPart any number of names.
	starPart
	deepPart
)

// maxParts is the number of bits in a position set, without the bit for the end.
const maxParts = 63

// New compiles globs. They are relative to the same directory.
func New(texts []string) (*Set, error) {
	s := &Set{texts: slices.Clone(texts)}
	for i, text := range texts {
		if err := Check(text); err != nil {
			return nil, err
		}
		for _, alternative := range expandBraces(filepath.ToSlash(text)) {
			parts := partsOf(alternative)
			if len(parts) > maxParts {
				return nil, fmt.Errorf("%q has more than %d names: start with **", text, maxParts)
			}
			s.matchers = append(s.matchers, matcher{glob: i, parts: parts})
		}
	}
	return s, nil
}

// Check returns an error for an invalid glob.
func Check(text string) error {
	switch {
	case text == "":
		return fmt.Errorf("an empty glob matches nothing")
	case !doublestar.ValidatePattern(text):
		return fmt.Errorf("%q is no valid glob: look for a bracket or brace that is not closed", text)
	case len(expandBraces(text)) > maxAlternatives:
		return fmt.Errorf("%q has more than %d alternatives: write fewer braces", text, maxAlternatives)
	}
	return nil
}

// Len returns the number of globs.
func (s *Set) Len() int { return len(s.texts) }

// Text returns the glob with an index.
func (s *Set) Text(glob int) string { return s.texts[glob] }

// partsOf cuts a glob without braces into names, and adds the meaning of a directory.
func partsOf(text string) []part {
	isDirectoryOnly := strings.HasSuffix(text, "/")
	var parts []part
	for _, name := range strings.Split(path.Clean(text), "/") {
		if name != "." && name != "" {
			parts = append(parts, partOf(name))
		}
	}
	isDirectory := len(parts) == 0 || parts[len(parts)-1].kind == literalPart
	switch {
	case isDirectoryOnly:
		parts = append(parts, part{kind: deepPart}, part{kind: starPart})
	case isDirectory:
		parts = append(parts, part{kind: deepPart})
	}
	return parts
}

func partOf(name string) part {
	switch {
	case name == "**":
		return part{kind: deepPart}
	case name == "*":
		return part{kind: starPart}
	case hasWildcard(name):
		return part{text: name, kind: wildcardPart}
	}
	return part{text: unescape(name)}
}

func (p part) matches(name string) bool {
	switch p.kind {
	case literalPart:
		return p.text == name
	case wildcardPart:
		return name != ".." && doublestar.MatchUnvalidated(p.text, name)
	default:
		return name != ".."
	}
}

// State holds the positions of a path in the globs of a set: a bit for each part, and a bit for the end.
type State []uint64

// Start returns the state of the directory that the globs are relative to.
func (s *Set) Start() State {
	state := make(State, len(s.matchers))
	for i, m := range s.matchers {
		state[i] = m.close(1)
	}
	return state
}

// Step returns the state of an entry of a directory.
func (s *Set) Step(state State, name string) State {
	next := make(State, len(state))
	for i, m := range s.matchers {
		next[i] = m.step(state[i], name)
	}
	return next
}

// At returns the state of a relative path with slashes.
func (s *Set) At(rel string) State {
	state := s.Start()
	if rel == "." || rel == "" {
		return state
	}
	for name := range strings.SplitSeq(rel, "/") {
		state = s.Step(state, name)
	}
	return state
}

// Accepted returns the first glob that matches an entry of a directory, or -1.
func (s *Set) Accepted(dir State, name string) int {
	for i, m := range s.matchers {
		if dir[i] != 0 && m.accepts(m.step(dir[i], name)) {
			return m.glob
		}
	}
	return -1
}

// Match returns the first glob that matches a relative path, or -1.
func (s *Set) Match(rel string) int {
	return s.accepts(s.At(rel))
}

func (s *Set) accepts(state State) int {
	for i, m := range s.matchers {
		if m.accepts(state[i]) {
			return m.glob
		}
	}
	return -1
}

// MatchTree returns the first glob that matches a relative path or a directory above, or -1. Exclusions use MatchTree:
// an excluded directory excludes all files below.
func (s *Set) MatchTree(rel string) int {
	if len(s.matchers) == 0 {
		return -1
	}
	state := s.Start()
	for name := range strings.SplitSeq(rel, "/") {
		if name == "." {
			continue
		}
		state = s.Step(state, name)
		if glob := s.accepts(state); glob >= 0 {
			return glob
		}
	}
	return -1
}

// CanContinue reports whether an entry of a directory with the state can match, or can lead to a match.
func (s *Set) CanContinue(state State) bool {
	for i, m := range s.matchers {
		if state[i]&^m.end() != 0 {
			return true
		}
	}
	return false
}

// Covers reports whether all continuations of the other state are continuations of this state.
func (a State) Covers(b State) bool {
	for i := range a {
		if b[i]&^a[i] != 0 {
			return false
		}
	}
	return true
}

func (m matcher) end() uint64                   { return 1 << len(m.parts) }
func (m matcher) accepts(positions uint64) bool { return positions&m.end() != 0 }

// close adds the positions after each `**`, because `**` may stand for no name.
func (m matcher) close(positions uint64) uint64 {
	for i, p := range m.parts {
		if p.kind == deepPart && positions&(1<<i) != 0 {
			positions |= 1 << (i + 1)
		}
	}
	return positions
}

func (m matcher) step(positions uint64, name string) uint64 {
	if positions == 0 {
		return 0
	}
	var next uint64
	for i, p := range m.parts {
		if positions&(1<<i) == 0 || !p.matches(name) {
			continue
		}
		if p.kind == deepPart {
			next |= 1 << i
		} else {
			next |= 1 << (i + 1)
		}
	}
	return m.close(next)
}

// MarkMatches sets the element of each glob that matches a relative path.
func (s *Set) MarkMatches(rel string, matched []bool) {
	state := s.At(rel)
	for i, m := range s.matchers {
		if m.accepts(state[i]) {
			matched[m.glob] = true
		}
	}
}

// Covers reports whether an absolute glob, or a directory that the glob matches, includes an absolute path.
func Covers(glob, file string) bool {
	set, err := New([]string{glob})
	return err == nil && set.MatchTree(Rel(file)) >= 0
}

// MayOverlap reports whether two absolute globs may match a common file. In doubt the result is true.
func MayOverlap(a, b string) bool {
	return canLead(a, Rel(Prefix(b))) && canLead(b, Rel(Prefix(a)))
}

// canLead reports whether a directory leads to matches of an absolute glob, or is below a match.
func canLead(glob, dir string) bool {
	set, err := New([]string{glob})
	return err == nil && (set.CanContinue(set.At(dir)) || set.MatchTree(dir) >= 0)
}
