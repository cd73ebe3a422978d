package planner

import (
	"strings"
	"testing"
)

func TestReasonsAreRendered(t *testing.T) {
	for reasons, want := range map[*Reasons]string{
		{}: "",
		{{Code: ReasonNeededBy, Args: []string{"task test"}}, {Code: ReasonMustRun, Args: []string{"100%s"}}}: "for task test; it has to run already: 100%s",
		{{Code: ReasonUntilReady}, {Code: ReasonForDependent, Args: []string{"task test"}}}:                   "until it is ready, for task test",
	} {
		if got := reasons.String(); got != want {
			t.Errorf("%+v: %q; want %q", *reasons, got, want)
		}
	}
}

func TestEveryReasonHasAText(t *testing.T) {
	for code, text := range reasonTexts {
		if strings.TrimSpace(text) == "" {
			t.Errorf("code %d has no text", code)
		}
	}
	if last := ReasonOrphanService; int(last) != len(reasonTexts)-1 {
		t.Errorf("the last code is %d of %d texts", last, len(reasonTexts))
	}
}

// An addition to shared reasons does not change other steps.
func TestAdditionsDoNotShare(t *testing.T) {
	base := because(ReasonRequested)
	first, second := base.and(ReasonAgain), base.and(ReasonTransient)
	if first.String() != "requested again" || !second.Has(ReasonTransient) || second.Has(ReasonAgain) || base.Has(ReasonAgain) {
		t.Errorf("%s; %s; %s", base, first, second)
	}
}
