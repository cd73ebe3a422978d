package hclspec

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// TestHCLTextEqualsHCLWrite: layout and quoting are those of the library that writes HCL.
func TestHCLTextEqualsHCLWrite(t *testing.T) {
	texts := []string{"", "plain", "two\nlines\r\tand\ttabs", `"quoted" \ and back`, "${a} $${b} $ %{c} %% $x{", "ü\u200b\U0001f469\u200d\U0001f4bb\x00", "\xff"}
	entries, object := map[string]string{"with.dot": "x", "\U0001f469\u200d\U0001f4bb": "wide"}, map[string]cty.Value{}
	for i, text := range texts {
		entries[strings.Repeat("k", i+1)] = text
	}
	var tuple []cty.Value
	for _, text := range texts {
		tuple = append(tuple, cty.StringVal(text))
	}
	for key, value := range entries {
		object[key] = cty.StringVal(value)
	}

	file := hclwrite.NewEmptyFile()
	body := file.Body().AppendNewBlock("task", []string{"a \"b\""}).Body()
	w := &blockWriter{}
	for _, name := range []string{"a", "long_name", "object", "b", "longer_name", "c"} {
		if name == "object" {
			body.SetAttributeValue(name, cty.ObjectVal(object))
			w.mapping(name, entries)
			continue
		}
		body.SetAttributeValue(name, cty.TupleVal(tuple))
		w.list(name, texts)
	}
	body.SetAttributeValue("flag", cty.True)
	yes := true
	w.flag("flag", &yes)

	want := string(hclwrite.Format(file.Bytes()))
	if got := w.block("a \"b\""); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
