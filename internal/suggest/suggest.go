package suggest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Nearest returns the candidate that is close enough to name to be what was meant, or "". Half of the letters have to
// agree. Of equally close candidates one that begins alike counts, then the first in alphabetical order: messages do
// not depend on the order of a map.
func Nearest(name string, candidates []string) string {
	best, bestCost := "", 2*max(2, len(name)/3)+1
	for _, candidate := range slices.Sorted(slices.Values(candidates)) {
		given, other := normalizeName(name), normalizeName(candidate)
		distance := levenshtein.Distance(given, other, nil)
		if distance > 0 && hasSameLetters(given, other) {
			distance-- // two letters that have changed places are one mistake
		}
		cost := 2 * distance
		if given != "" && !strings.HasPrefix(other, given[:1]) {
			cost++
		}
		isClose := distance < len(given) && (distance <= 1 || 2*distance < max(len(given), len(other)))
		if isClose && cost < bestCost {
			best, bestCost = candidate, cost
		}
	}
	return best
}

// hasSameLetters says that two names have the same letters, in whatever order.
func hasSameLetters(a, b string) bool {
	x, y := []byte(a), []byte(b)
	slices.Sort(x)
	slices.Sort(y)
	return bytes.Equal(x, y)
}

// normalizeName makes names equal that differ only in case, in the kind of their dashes, or as retries does from retry.
func normalizeName(name string) string {
	folded := strings.ReplaceAll(strings.ToLower(name), "-", "_")
	if stem, isPlural := strings.CutSuffix(folded, "ies"); isPlural && stem != "" {
		return stem + "y"
	}
	return folded
}

// NotOneOf is the message for a value that is none of the choices: the fact, then the nearest choice.
func NotOneOf(name, value string, choices []string) string {
	text := fmt.Sprintf("%s must be one of %s, not %q", name, strings.Join(choices, ", "), value)
	if hint := DidYouMean(value, choices); hint != "" {
		text += "." + hint
	}
	return text
}

// DidYouMean renders a suggestion as the end of a sentence's paragraph: ` Did you mean "x"?`, or nothing.
func DidYouMean(name string, candidates []string) string {
	if best := Nearest(name, candidates); best != "" {
		return fmt.Sprintf(" Did you mean %q?", best)
	}
	return ""
}
