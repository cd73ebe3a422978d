package hclspec

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// chainOfLocals is a file of n locals, each made of the local before.
func chainOfLocals(n int) string {
	var b strings.Builder
	b.WriteString("locals {\n  l0 = \"x\"\n")
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "  l%d = upper(local.l%d)\n", i, i-1)
	}
	fmt.Fprintf(&b, "}\n\ntask \"t\" {\n  command = [\"echo\", local.l%d]\n}\n", n-1)
	return b.String()
}

// TestLocalsCostInProportion: ten times as long a chain of locals allocates little more than ten times as much. Time is
// not measured: machines differ.
func TestLocalsCostInProportion(t *testing.T) {
	in := testInputs(t)
	for name, use := range map[string]func(*File){
		"validate": func(f *File) {
			if _, diags := f.Validate(in); diags.HasErrors() {
				t.Error(diags)
			}
		},
		"secrets": func(f *File) { f.KnownSecrets(in) },
	} {
		cost := func(n int) float64 {
			file := parseFile(t, in, chainOfLocals(n))
			var from, to runtime.MemStats
			runtime.ReadMemStats(&from)
			use(file)
			runtime.ReadMemStats(&to)
			return float64(to.TotalAlloc - from.TotalAlloc)
		}
		if grown := cost(2000) / cost(200); grown > 15 {
			t.Errorf("%s: ten times as many locals allocate %.0f times as much", name, grown)
		}
	}
}
