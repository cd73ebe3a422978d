package build

import "testing"

func TestLineOfAStep(t *testing.T) {
	const dockerfile = "# comment\nFROM scratch AS one\nrun  make  \\\n  all\nCOPY a /\nFROM one\nCOPY a /\nRUN echo $WHO\n"
	tests := map[string]int{
		"[one 1/3] FROM scratch AS one":           2,
		"[one 2/3] RUN make   all":                3,
		"[linux/amd64 stage-1 3/3] RUN echo $WHO": 8,
		"[one 3/3] COPY a /":                      0, // ambiguous: two lines fit
		"[stage-1 3/3] RUN echo me":               0,
		"[internal] load build context":           0,
		"":                                        0,
	}
	p := &buildPlan{dockerfileText: []byte(dockerfile)}
	for step, want := range tests {
		if got := p.stepLine(step); got != want {
			t.Errorf("%q is in line %d; want %d", step, got, want)
		}
	}
}
