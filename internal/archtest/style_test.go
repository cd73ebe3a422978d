package archtest

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// Limits of shape.
const (
	maxMethods     = 30
	maxLoopMethods = 45
	maxColumns     = 120
)

// runLoop is the only receiver with the higher limit: the loop owns the state of a run.
var runLoop = receiver{pkg: "executor", name: "run"}

// unwantedWords are the words that plain English has no need for.
var unwantedWords = []string{"nobody", "somebody", "whoever", "anew", "beneath", "whose", "meanwhile"}

// frequentWords are words with a limit of uses per 1,000 words. A frequent use marks sentences that hide their subject.
var frequentWords = []struct {
	words          []string
	comments, docs float64
}{
	{words: []string{"that", "which", "who", "whose", "what"}, comments: 27, docs: 27},
	{words: []string{"it", "its", "one", "ones", "those", "them"}, comments: 24},
}

// unwantedFileNames are participles and adverbs. A file has a noun of its content for a name. The list has no "finally",
// because a block of the language has this name.
var unwantedFileNames = []string{
	"abandoned", "attached", "called", "closing", "completing", "concealed", "downing", "gathered", "given", "goes",
	"heard", "held", "lazily", "leaving", "named", "needed", "prepared", "reading", "reached", "recorded", "repeated",
	"refused", "replacing", "said", "seen", "sharing", "shown", "spelled", "spoken", "told", "unused", "waiting", "wanted",
}

// testFolders hold what only tests and measurements use.
var testFolders = []string{
	"bench/", "compat/", "faults/", "examples/", "internal/toolbox", "internal/testregistry", "internal/testing/",
	"executor/enginetest",
}

// receiver is a type with methods.
type receiver struct{ pkg, name string }

// source is a parsed file of the product.
type source struct {
	path string
	text []byte
	fset *token.FileSet
	file *ast.File
}

// TestReceivers limits the methods of a type: a large type can do everything, and is understood by reading all of it.
func TestReceivers(t *testing.T) {
	methods := map[receiver]int{}
	for _, s := range productSources(t) {
		for _, decl := range s.file.Decls {
			if f, isFunc := decl.(*ast.FuncDecl); isFunc && f.Recv != nil {
				methods[receiver{pkg: path.Dir(s.path), name: typeName(f.Recv.List[0].Type)}]++
			}
		}
	}
	if len(methods) < 50 {
		t.Fatalf("only %d types have methods: the search is wrong", len(methods))
	}
	for r, n := range methods {
		limit := maxMethods
		if r == runLoop {
			limit = maxLoopMethods
		}
		if n > limit {
			t.Errorf("%s.%s has %d methods, more than %d", r.pkg, r.name, n, limit)
		}
	}
}

// typeName is the name of a receiver's type, without pointer and type parameters.
func typeName(expr ast.Expr) string {
	switch e := expr.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.IndexListExpr:
		return typeName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// TestLineLength limits the columns of a line. A tab counts as one column.
func TestLineLength(t *testing.T) {
	for _, s := range productSources(t) {
		for i, line := range bytes.Split(s.text, []byte("\n")) {
			if n := utf8.RuneCount(line); n > maxColumns {
				t.Errorf("%s:%d has %d columns, more than %d", s.path, i+1, n, maxColumns)
			}
		}
	}
}

// TestFileNames rejects names that are no nouns.
func TestFileNames(t *testing.T) {
	for _, file := range trackedFiles(t) {
		name, isGo := strings.CutSuffix(path.Base(file), ".go")
		if !isGo || isTestData(file) {
			continue
		}
		for _, word := range strings.Split(name, "_") {
			if slices.Contains(unwantedFileNames, word) {
				t.Errorf("%s: %q is no noun", file, word)
			}
		}
	}
}

// TestWordsOfComments checks the comments of the product.
func TestWordsOfComments(t *testing.T) {
	found := wordCount{}
	for _, s := range productSources(t) {
		for _, group := range s.file.Comments {
			text := group.Text() // without directives
			if strings.Contains(text, "Copyright") {
				continue
			}
			found.add(text)
			reportWords(t, s.fset.Position(group.Pos()).String(), text)
		}
	}
	for _, limit := range frequentWords {
		found.check(t, "comments", limit.words, limit.comments)
	}
}

// TestWordsOfDocs checks the prose of the documents, without code blocks.
func TestWordsOfDocs(t *testing.T) {
	codeBlock := regexp.MustCompile("(?s)```.*?```")
	found := wordCount{}
	for _, file := range trackedFiles(t) {
		if !strings.HasSuffix(file, ".md") || isTestData(file) {
			continue
		}
		text := codeBlock.ReplaceAllString(readFile(t, file), "")
		found.add(text)
		reportWords(t, file, text)
	}
	for _, limit := range frequentWords {
		if limit.docs > 0 {
			found.check(t, "docs", limit.words, limit.docs)
		}
	}
}

var wordPattern = regexp.MustCompile(`[A-Za-z']+`)

// reportWords reports each unwanted word of a text.
func reportWords(t *testing.T, place, text string) {
	t.Helper()
	for _, word := range wordPattern.FindAllString(strings.ToLower(text), -1) {
		if slices.Contains(unwantedWords, word) {
			t.Errorf("%s: do not write %q", place, word)
		}
	}
}

// wordCount has the uses of each word.
type wordCount map[string]int

func (c wordCount) add(text string) {
	for _, word := range wordPattern.FindAllString(strings.ToLower(text), -1) {
		c[word]++
	}
}

// check compares the uses of words, per 1,000 words of the text, with a limit.
func (c wordCount) check(t *testing.T, where string, words []string, limit float64) {
	t.Helper()
	all, uses := 0, 0
	for n := range maps.Values(c) {
		all += n
	}
	for _, word := range words {
		uses += c[word]
	}
	if all < 1000 {
		t.Fatalf("%s: only %d words found", where, all)
	}
	if rate := 1000 * float64(uses) / float64(all); rate > limit {
		t.Errorf("%s: %.1f of 1,000 words are %s, more than %g", where, rate, strings.Join(words, "/"), limit)
	}
}

// productSources parses the tracked Go files of the product: no tests, no generated files.
func productSources(t *testing.T) []source {
	t.Helper()
	var all []source
	for _, file := range trackedFiles(t) {
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") || isTestData(file) ||
			slices.ContainsFunc(testFolders, func(folder string) bool { return strings.HasPrefix(file, folder) }) {
			continue
		}
		s := source{path: file, text: []byte(readFile(t, file)), fset: token.NewFileSet()}
		parsed, err := parser.ParseFile(s.fset, file, s.text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if s.file = parsed; !ast.IsGenerated(parsed) {
			all = append(all, s)
		}
	}
	if len(all) < 100 {
		t.Fatalf("only %d files found", len(all))
	}
	return all
}

func isTestData(file string) bool { return strings.Contains(file, "testdata/") }

func readFile(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// trackedFiles lists the files of the repository, and new files that git does not ignore. Paths begin at the root.
func trackedFiles(t *testing.T) []string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatalf("%v: %v", list, err)
	}
	files := strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
	return slices.DeleteFunc(files, func(file string) bool {
		_, err := os.Stat(filepath.Join(root, file))
		return err != nil // deleted, and not committed yet
	})
}
