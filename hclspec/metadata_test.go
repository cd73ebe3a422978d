package hclspec

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// TestMetadata compares what editors get with testdata/metadata.json, and with -update writes it there.
func TestMetadata(t *testing.T) {
	const golden = "testdata/metadata.json"
	got, err := json.MarshalIndent(Describe(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("run with -update; -want +got\n%s", diff)
	}
}

// TestMetadataIsComplete: every attribute and function says what it is, with an example that can be read.
func TestMetadataIsComplete(t *testing.T) {
	attributes := 0
	var walk func(path string, blocks []BlockInfo)
	walk = func(path string, blocks []BlockInfo) {
		for _, b := range blocks {
			if b.Doc == "" {
				t.Errorf("block %s%s says nothing of itself", path, b.Name)
			}
			for _, a := range b.Attributes {
				attributes++
				if a.Type == "" || a.Doc == "" {
					t.Errorf("attribute %s of %s%s lacks a type or doc", a.Name, path, b.Name)
				}
				if _, diags := hclsyntax.ParseExpression([]byte(a.Example), "example", hcl.InitialPos); a.Example == "" || diags.HasErrors() {
					t.Errorf("attribute %s of %s%s has the example %q: %v", a.Name, path, b.Name, a.Example, diags)
				}
			}
			walk(path+b.Name+".", b.Blocks)
		}
	}
	m := Describe()
	walk("", m.Blocks)
	if attributes < 40 {
		t.Errorf("only %d attributes", attributes)
	}
	for _, f := range m.Functions {
		if f.Doc == "" || f.Example == "" || f.Result == "" || !strings.HasPrefix(f.Signature, f.Name+"(") {
			t.Errorf("function %+v", f)
		}
	}
	if len(m.Functions) < 80 || len(m.Values) < 9 {
		t.Errorf("%d functions, %d values", len(m.Functions), len(m.Values))
	}
}
