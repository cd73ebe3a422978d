package view

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"tasks/hclspec"
)

// TestEveryFieldIsDocumented: docs/json.md describes each field of each document, and each section names the document.
func TestEveryFieldIsDocumented(t *testing.T) {
	content, err := os.ReadFile("../../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	_, page, _ := strings.Cut(string(content), "## Places")
	seen := map[reflect.Type]bool{}
	for heading, document := range map[string]any{
		"`tasks list --json`": ListDocument{}, "`tasks validate --json`": Validation{}, "`tasks graph --json`": Graph{},
		"`tasks plan --json`": PlanDocument{}, "`tasks show --json`": TaskDocument{},
		"`tasks metadata`": hclspec.Metadata{}, "`tasks ps --json`": ContainerListDocument{},
		"`tasks version --json`": VersionDocument{},
	} {
		if !strings.Contains(page, "## "+heading+"\n") {
			t.Errorf("no section %s", heading)
		}
		checkFields(t, page, reflect.TypeOf(document), seen)
	}
	if len(seen) < 18 {
		t.Errorf("only %d types", len(seen))
	}
}

// checkFields looks for the fields of a struct and of inner structs.
func checkFields(t *testing.T, page string, typ reflect.Type, seen map[reflect.Type]bool) {
	t.Helper()
	for typ.Kind() == reflect.Slice || typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct || seen[typ] {
		return
	}
	seen[typ] = true
	for i := range typ.NumField() {
		field := typ.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case !field.IsExported() || name == "format_version":
			continue
		case name == "":
			t.Errorf("%s.%s has no name in JSON", typ, field.Name)
		case !strings.Contains(page, "`"+name+"`"):
			t.Errorf("docs/json.md does not tell of %s of %s", name, typ)
		}
		checkFields(t, page, field.Type, seen)
	}
}
