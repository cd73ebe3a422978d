package hclspec

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/config"
)

// TestTablesOfAttributes compares the table in each block's own section with the table of the language, but for the column
// that says what an attribute means: that is written by hand. With -update it writes the rest there.
func TestTablesOfAttributes(t *testing.T) {
	page := readReference(t)
	count := 0
	eachBlockType(func(b *config.BlockType) {
		start, end := sectionOf(page, b)
		if start < 0 {
			t.Errorf("block %s has no section of its own, headed %s", b.Name, headingOf(b))
			return
		}
		if b.Name == "defaults" {
			checkRefused(t, page[start:end])
			return
		}
		section := page[start:end]
		was := attributeTable().FindString(section)
		if len(b.Attrs) == 0 {
			if was != "" {
				t.Errorf("block %s has a table, and no attributes", b.Name)
			}
			return
		}
		count += len(b.Attrs)
		is := writtenTable(b, was)
		if diff := cmp.Diff(is, was); diff != "" && !*update {
			t.Errorf("the attributes of %s: run with -update; -want +got\n%s", b.Name, diff)
		}
		if *update && was != "" {
			page = page[:start] + strings.Replace(section, was, is, 1) + page[end:]
		}
	})
	if count < 80 {
		t.Errorf("only %d attributes were looked at", count)
	}
	if *update {
		if err := os.WriteFile(referencePage, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// eachBlockType calls a function for each kind of block, those inside of others too, each once.
func eachBlockType(do func(b *config.BlockType)) {
	seen := map[string]bool{}
	var walk func(types []*config.BlockType)
	walk = func(types []*config.BlockType) {
		for _, b := range types {
			if !seen[b.Name] {
				seen[b.Name] = true
				do(b)
			}
			walk(b.Blocks)
		}
	}
	walk(config.FileBlockType().Blocks)
}

func headingOf(b *config.BlockType) string {
	if b.Label == "" {
		return "`" + b.Name + "`"
	}
	return "`" + b.Name + " \"NAME\"`"
}

// sectionOf is the part of the page from a block's heading to the next one, whatever its level; -1 without one.
func sectionOf(page string, b *config.BlockType) (start, end int) {
	heading := regexp.MustCompile("(?m)^#{3,4} " + regexp.QuoteMeta(headingOf(b)) + "$").FindStringIndex(page)
	if heading == nil {
		return -1, -1
	}
	if next := regexp.MustCompile("(?m)^#{2,4} ").FindStringIndex(page[heading[1]:]); next != nil {
		return heading[1], heading[1] + next[0]
	}
	return heading[1], len(page)
}

// attributeTable finds the table of attributes in a section.
func attributeTable() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^\| attribute \|.*\n(?:\|.*\n)+`)
}

// writtenTable is the table of a block's attributes, with the meanings that the one on the page has.
func writtenTable(b *config.BlockType, onPage string) string {
	meanings := map[string]string{}
	for line := range strings.Lines(onPage) {
		// An empty cell is one space wide.
		line = strings.ReplaceAll(strings.TrimSuffix(strings.TrimSpace(line), " |"), "| |", "|  |")
		cells := strings.Split(line, " | ")
		meanings[strings.TrimPrefix(cells[0], "| ")] = cells[len(cells)-1]
	}
	columns := []string{"attribute", "type", "default", "acts on", "meaning"}
	if b.Name != "task" {
		columns = slices.Delete(columns, 3, 4)
	}
	var table strings.Builder
	fmt.Fprintf(&table, "| %s |\n%s|\n", strings.Join(columns, " | "), strings.Repeat("|---", len(columns)))
	for _, a := range b.Attrs {
		meaning := meanings["`"+a.Name+"`"]
		if meaning == "" {
			meaning = a.Doc
		}
		cells := []string{"`" + a.Name + "`", a.TypeText, defaultCell(a.DefaultText), actsOn(a.Kinds), meaning}
		if b.Name != "task" {
			cells = slices.Delete(cells, 3, 4)
		}
		table.WriteString(strings.ReplaceAll("| "+strings.Join(cells, " | ")+" |\n", "|  |", "| |"))
	}
	return table.String()
}

// defaultCell shows a default: as code where it is a value, else as the words that it is.
func defaultCell(def string) string {
	expr, diags := hclsyntax.ParseExpression([]byte(def), "default", hcl.InitialPos)
	if !diags.HasErrors() {
		if _, diags = expr.Value(nil); !diags.HasErrors() {
			return "`" + def + "`"
		}
	}
	return def
}

func actsOn(kinds []TaskKind) string {
	var names []string
	for _, kind := range []TaskKind{ServiceTask, ImageTask, HostTask, GroupTask} {
		if slices.Contains(kinds, kind) {
			names = append(names, kind.String())
		}
	}
	if len(names) == 4 {
		return "all"
	}
	return strings.Join(names, ", ")
}

// checkRefused compares the attributes that the section of defaults leaves out with those that cannot stand there.
func checkRefused(t *testing.T, section string) {
	t.Helper()
	sentence := regexp.MustCompile(`(?s)those that belong to one task: (.*?)\.`).FindStringSubmatch(section)
	if sentence == nil {
		t.Fatal("the section of defaults does not say which attributes cannot stand there")
	}
	if diff := cmp.Diff(quotedIn(sentence[1]), slices.Sorted(slices.Values(config.TaskOnlyAttributes()))); diff != "" {
		t.Errorf("what cannot stand in defaults: -page +table\n%s", diff)
	}
}

// quotedIn are the texts in backticks, sorted.
func quotedIn(text string) []string {
	var all []string
	for _, found := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(text, -1) {
		all = append(all, found[1])
	}
	slices.Sort(all)
	return all
}

// TestTableOfValues: the table of values has each value of the language with its members, and no others.
func TestTableOfValues(t *testing.T) {
	_, section, found := strings.Cut(readReference(t), "\n## Values\n")
	if !found {
		t.Fatal("there is no section of values")
	}
	var got []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`.*?`) \\|").FindAllStringSubmatch(section[:strings.Index(section, "\n## ")], -1) {
		got = append(got, quotedIn(row[1])...)
	}
	slices.Sort(got)
	want := []string{"service.NAME.image", `service.NAME.port["5432"]`, `env("NAME", default)`} // a function, but where a reader looks for it
	for _, root := range config.ReferenceRoots() {
		kind := config.RefKind(root)
		switch names := config.FixedMembers(kind); {
		case kind == config.RefService: // above
		case kind == config.RefArgs:
			want = append(want, root)
		case kind == config.RefCompose:
			want = append(want, "compose.env.NAME")
		case kind == config.RefMatrix:
			want = append(want, root+".KEY")
		case kind == config.RefTask, kind == config.RefJob:
			for _, result := range config.TaskResultNames() {
				want = append(want, root+".NAME."+result)
			}
		case names == nil:
			want = append(want, root+".NAME")
		default:
			for _, name := range names {
				want = append(want, root+"."+name)
			}
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-language +page\n%s", diff)
	}
}

// TestEveryAttributeHasAnExample: a reader sees each attribute at work in a block of its kind on the page.
func TestEveryAttributeHasAnExample(t *testing.T) {
	used := map[string]bool{}
	var visit func(name string, body *hclsyntax.Body)
	visit = func(name string, body *hclsyntax.Body) {
		for _, a := range body.Attributes {
			used[name+"."+a.Name] = true
		}
		for _, inner := range body.Blocks {
			used[inner.Type] = true
			visit(inner.Type, inner.Body)
		}
	}
	for i, fence := range regexp.MustCompile("(?s)```hcl\n(.*?)```").FindAllStringSubmatch(readReference(t), -1) {
		file, diags := hclsyntax.ParseConfig([]byte(fence[1]), fmt.Sprint("example ", i), hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		visit("", file.Body.(*hclsyntax.Body))
	}
	eachBlockType(func(b *config.BlockType) {
		if !used[b.Name] {
			t.Errorf("block %s has no example", b.Name)
		}
		if b.Name == "defaults" {
			return // its attributes are those of tasks
		}
		for _, a := range b.Attrs {
			if !used[b.Name+"."+a.Name] {
				t.Errorf("attribute %s of %s has no example in such a block", a.Name, b.Name)
			}
		}
	})
}
