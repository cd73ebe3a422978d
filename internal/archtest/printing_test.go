package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// printingPackage alone may write to stdout and stderr: the printer masks secrets.
const printingPackage = "tasks/internal/view"

// TestPrinting: packages of the program leave stdout and stderr to the printer. Only main.go refers to the streams, to
// open the printer and for an error before.
func TestPrinting(t *testing.T) {
	files := programFiles(t)
	if len(files) < 100 {
		t.Fatalf("%d files are too few to be true", len(files))
	}
	for _, file := range files {
		for _, fault := range printingFaults(t, file, nil) {
			t.Error(fault)
		}
	}
}

// sourceFile is a file of a package.
type sourceFile struct{ pkg, path string }

// programFiles returns the files of the program's own packages, for every operating system, without tests.
func programFiles(t *testing.T) []sourceFile {
	t.Helper()
	const files = `{{.ImportPath}} {{.Dir}} {{join .GoFiles " "}} {{join .IgnoredGoFiles " "}}`
	const format = `{{if .Module}}{{if eq .Module.Path "tasks"}}` + files + `{{end}}{{end}}`
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", format, "tasks/cmd/tasks").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []sourceFile
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		for _, name := range fields[min(2, len(fields)):] {
			if !strings.HasSuffix(name, "_test.go") {
				all = append(all, sourceFile{fields[0], filepath.Join(fields[1], name)})
			}
		}
	}
	return all
}

// printingFaults finds the writes past the printer in a file. Text is for tests of the rule; nil: the file is read.
func printingFaults(t *testing.T, file sourceFile, text any) []string {
	t.Helper()
	if file.pkg == printingPackage {
		return nil
	}
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file.path, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	isCommand := file.pkg == "tasks/cmd/tasks"
	isMain := isCommand && filepath.Base(file.path) == "main.go"
	var faults []string
	report := func(n ast.Node, what string) {
		const fault = "%s: %s writes past the printer of " + printingPackage
		faults = append(faults, fmt.Sprintf(fault, files.Position(n.Pos()), what))
	}
	for _, i := range parsed.Imports {
		if slices.Contains([]string{`"log"`, `"log/slog"`, `"github.com/sirupsen/logrus"`}, i.Path.Value) {
			report(i, i.Path.Value)
		}
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if name := qualifiedName(n); !isMain && (name == "os.Stdout" || name == "os.Stderr") {
				report(n, name)
			}
		case *ast.CallExpr:
			name := qualifiedName(n.Fun)
			if isPrintCall(name) || isCommand && isWriteCall(name) && !isBuilder(n.Args[0]) {
				report(n, name)
			}
		}
		return true
	})
	return faults
}

// qualifiedName is "fmt.Print" or "print", empty for other expressions.
func qualifiedName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if pkg, ok := e.X.(*ast.Ident); ok {
			return pkg.Name + "." + e.Sel.Name
		}
	}
	return ""
}

func isPrintCall(name string) bool {
	return slices.Contains([]string{"fmt.Print", "fmt.Printf", "fmt.Println", "print", "println"}, name)
}

func isWriteCall(name string) bool {
	return slices.Contains([]string{"fmt.Fprint", "fmt.Fprintf", "fmt.Fprintln", "io.WriteString"}, name)
}

// isBuilder reports whether a writer is a variable by address, such as a strings.Builder.
func isBuilder(writer ast.Expr) bool {
	address, ok := writer.(*ast.UnaryExpr)
	return ok && address.Op == token.AND
}

// TestPrintingFaults: the rule finds each way past the printer.
func TestPrintingFaults(t *testing.T) {
	for body, want := range map[string]int{
		`fmt.Println("x")`:                       1,
		`println("x")`:                           1,
		`fmt.Fprint(os.Stderr, "x")`:             2,
		`fmt.Fprintf(a.printer.Stdout(), "x")`:   1,
		`io.WriteString(a.stdout, "x")`:          1,
		`use(os.Stdout)`:                         1,
		`var b strings.Builder; fmt.Fprint(&b)`:  0,
		`a.printer.PrintText("x"); os.Exit(1)`:   0,
		`fmt.Errorf("x"); fmt.Sprint("x"); f(x)`: 0,
	} {
		file := sourceFile{"tasks/cmd/tasks", "example.go"}
		text := "package main\n\nfunc f() {\n\t" + body + "\n}\n"
		if faults := printingFaults(t, file, text); len(faults) != want {
			t.Errorf("%s: %q, want %d", body, faults, want)
		}
	}
	imports := "package main\n\nimport \"log\"\n"
	if faults := printingFaults(t, sourceFile{"tasks/planner", "example.go"}, imports); len(faults) != 1 {
		t.Errorf("%q of an import of log", faults)
	}
}

// rawOutputFiles may write control characters: the output of commands, the sequences of the live display, of a watch and of the picker,
// and colours. All other text goes through the writers that spell control characters out.
var rawOutputFiles = []string{
	"cmd/tasks/logs.go", "internal/plaintext/plaintext.go", "internal/view/diagnostics/text.go", "internal/view/escape.go",
	"internal/view/annotations/annotations.go", "internal/view/color.go", "internal/view/picker.go", "internal/view/picture.go", "internal/view/printer.go",
	"internal/view/watch_lines.go",
}

// TestRawOutput: no other file asks for a raw writer, or has an escape sequence in a text.
func TestRawOutput(t *testing.T) {
	found := map[string]bool{}
	for _, file := range programFiles(t) {
		place := filepath.Base(filepath.Dir(file.path)) + "/" + filepath.Base(file.path)
		isAllowed := slices.ContainsFunc(rawOutputFiles, func(name string) bool {
			return strings.HasSuffix(file.pkg+"/"+filepath.Base(file.path), name)
		})
		for _, fault := range rawOutputs(t, file, nil) {
			if found[place] = true; !isAllowed {
				t.Error(fault)
			}
		}
	}
	if len(found) != len(rawOutputFiles) {
		t.Errorf("raw output in %v: take out of the list what is no longer needed", found)
	}
}

// rawOutputs finds the uses of raw writers and the escape sequences in a file.
func rawOutputs(t *testing.T, file sourceFile, text any) []string {
	t.Helper()
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file.path, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var faults []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		isRaw := false
		switch n := n.(type) {
		case *ast.Ident:
			isRaw = n.Name == "RawStdout" || n.Name == "RawStderr"
		case *ast.BasicLit:
			isRaw = n.Kind == token.STRING && (strings.Contains(n.Value, `\x1b`) || strings.Contains(n.Value, `\033`))
		}
		if isRaw {
			faults = append(faults, fmt.Sprintf("%s: raw output; use the writers of %s", files.Position(n.Pos()), printingPackage))
		}
		return true
	})
	return faults
}

// TestRawOutputs: the rule finds raw writers and escape sequences.
func TestRawOutputs(t *testing.T) {
	for body, want := range map[string]int{
		`view.RawStdout(p)`: 1, `fmt.Fprint(w, "\x1b[2J")`: 1, `fmt.Fprint(p.Stdout(), "x")`: 0,
	} {
		text := "package main\n\nfunc f() {\n\t" + body + "\n}\n"
		if faults := rawOutputs(t, sourceFile{"tasks/cmd/tasks", "example.go"}, text); len(faults) != want {
			t.Errorf("%s: %q, want %d", body, faults, want)
		}
	}
}
