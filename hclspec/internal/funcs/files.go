package funcs

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"

	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/nesting"
)

func fileFunc(h Inputs) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, err := h.readFile(args[0].AsString())
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			return cty.StringVal(text), nil
		},
	})
}

func fileexistsFunc(h Inputs) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			exists := false
			err := h.openInProject(args[0].AsString(), func(root *os.Root, name string) error {
				info, err := root.Stat(name)
				exists = err == nil && !info.IsDir()
				if errors.Is(err, fs.ErrNotExist) {
					return nil
				}
				return err
			})
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			return cty.BoolVal(exists), nil
		},
	})
}

// fileFunctions are the functions that read files of the project.
func fileFunctions() []Function {
	return []Function{
		{Name: "file", Doc: "the text of a file of the project, from the directory of Tasks.hcl on",
			Example: `file("example.txt")`, Result: `"text"`, Build: fileFunc},
		{Name: "fileexists", Doc: "whether a file of the project exists", Example: `fileexists("no-such-file")`,
			Result: `false`, Build: fileexistsFunc},
		{Name: "filehash", Doc: "SHA-256 of a file of the project, in hexadecimal",
			Example: `substr(filehash("example.txt"), 0, 8)`, Result: `"982d9e3e"`, Build: filehashFunc},
		{Name: "fileset", Doc: "the files in a directory of the project that match a glob with `**`, from that directory on",
			Example: `fileset(".", "*.txt")`, Result: `toset(["example.txt"])`, Build: filesetFunc},
		{Name: "templatefile", Doc: "the text of a file of the project, as a template that sees the given values only",
			Example: `templatefile("example.txt", { name = "x" })`, Result: `"text"`, Build: templatefileFunc},
	}
}

func filehashFunc(h Inputs) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			hash := sha256.New()
			err := h.withFile(args[0].AsString(), func(file io.Reader) error {
				_, err := io.Copy(hash, file)
				return err
			})
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			return cty.StringVal(hex.EncodeToString(hash.Sum(nil))), nil
		},
	})
}

func filesetFunc(h Inputs) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}, {Name: "pattern", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Set(cty.String)),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			pattern := args[1].AsString()
			if !doublestar.ValidatePattern(pattern) || !fs.ValidPath(pattern) {
				return cty.NilVal, function.NewArgErrorf(1, "%q is not a glob of what is inside: write \"*.txt\" or \"**/*.go\"",
					pattern)
			}
			files, err := h.globFiles(args[0].AsString(), pattern)
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			if len(files) == 0 {
				return cty.SetValEmpty(cty.String), nil
			}
			values := make([]cty.Value, len(files))
			for i, file := range files {
				values[i] = cty.StringVal(file)
			}
			return cty.SetVal(values), nil
		},
	})
}

// stateDir is the state directory of `tasks`. Its files are no input.
const stateDir = ".tasks"

// globFiles lists the matching files of a directory. A link to a place outside of the project adds no files.
func (h Inputs) globFiles(dir, pattern string) ([]string, error) {
	var files []string
	err := h.openInProject(dir, func(root *os.Root, name string) error {
		name = path.Clean(strings.ReplaceAll(name, string(os.PathSeparator), "/"))
		if info, err := root.Stat(name); err != nil || !info.IsDir() {
			return errors.Join(err, errors.New(dir+" is not a directory"))
		}
		inside, err := fs.Sub(root.FS(), name)
		if err != nil {
			return err
		}
		return doublestar.GlobWalk(inside, pattern, func(file string, _ fs.DirEntry) error {
			if full := path.Join(name, file); full == stateDir || strings.HasPrefix(full, stateDir+"/") {
				return nil
			}
			if info, err := fs.Stat(inside, file); err == nil && info.Mode().IsRegular() {
				files = append(files, file)
			}
			return nil
		})
	})
	return files, err
}

func templatefileFunc(h Inputs) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}, {Name: "values", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if !ctyconv.IsMapping(args[1].Type()) {
				return cty.NilVal, function.NewArgError(1, ctyconv.WrongTypeError("a map", args[1]))
			}
			if !args[1].IsWhollyKnown() {
				return cty.UnknownVal(cty.String), nil
			}
			text, err := h.readFile(args[0].AsString())
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			v, err := h.renderTemplate(args[0].AsString(), text, args[1])
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			return v, nil
		},
	})
}

// renderTemplate evaluates a template. Errors name their places in the template.
func (h Inputs) renderTemplate(name, text string, values cty.Value) (cty.Value, error) {
	expr, diags := nesting.ParseTemplate([]byte(text), name)
	if diags.HasErrors() {
		return cty.NilVal, templateError(diags)
	}
	ctx := &hcl.EvalContext{Variables: values.AsValueMap(), Functions: Build(h)}
	if ctx.Variables == nil {
		ctx.Variables = map[string]cty.Value{} // for the message about one that is missing
	}
	delete(ctx.Functions, "templatefile") // or a template could include itself
	v, diags := expr.Value(ctx)
	if diags.HasErrors() {
		return cty.NilVal, templateError(diags)
	}
	v, err := convert.Convert(v, cty.String)
	if err == nil && v.IsNull() {
		err = errors.New("it gives null")
	}
	return v, err
}

func templateError(diags hcl.Diagnostics) error {
	d := diag.FirstError(diags)
	if d.Subject == nil {
		return fmt.Errorf("%s; %s", diag.LowerFirst(d.Summary), d.Detail)
	}
	return fmt.Errorf("%s: %s; %s", diag.PosText(*d.Subject), diag.LowerFirst(d.Summary), d.Detail)
}
