package config

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
)

// FindTask returns the task with a name or alias on the command line, or nil.
func (f *File) FindTask(name string) *Task {
	if t := f.TaskByName[name]; t != nil {
		return t
	}
	return f.taskByAlias[name]
}

// ReferenceUse is a reference of an expression: direct, or through the local or function in via.
type ReferenceUse struct {
	Ref Reference
	via *Reference
}

// RangeInExpression returns the place inside the expression.
func (u ReferenceUse) RangeInExpression() hcl.Range {
	if u.via != nil {
		return u.via.Range
	}
	return u.Ref.Range
}

// ReachableReferences yields references, direct and through locals and functions. Each local and function is
// visited once, so a cycle has an end.
func (f *File) ReachableReferences(refs []Reference) func(yield func(ReferenceUse) bool) {
	return func(yield func(ReferenceUse) bool) {
		seen := map[*Expression]bool{}
		var walk func(refs []Reference, via *Reference) bool
		walk = func(refs []Reference, via *Reference) bool {
			for _, ref := range refs {
				if !yield(ReferenceUse{Ref: ref, via: via}) {
					return false
				}
				inner := ref.definition()
				if inner == nil || seen[inner] {
					continue
				}
				seen[inner] = true
				next := via
				if next == nil {
					next = &ref
				}
				if !walk(inner.Refs, next) {
					return false
				}
			}
			return true
		}
		walk(refs, nil)
	}
}

// ReachesKind reports whether references reach a kind, also through locals.
func (f *File) ReachesKind(refs []Reference, kind RefKind) bool {
	for use := range f.ReachableReferences(refs) {
		if use.Ref.Kind == kind {
			return true
		}
	}
	return false
}

// TakesArgs reports whether the words behind a task's name have an effect.
func (f *File) TakesArgs(t *Task) bool {
	if t.Attrs["script"] != nil {
		return true
	}
	if t.Attrs["command"] == nil && (t.Kind == ServiceTask || t.Kind == ImageTask) {
		return true
	}
	for a := range t.Expressions {
		if f.ReachesKind(a.Refs, RefArgs) {
			return true
		}
	}
	return false
}

// File holds the declarations of a project's files. A file with errors holds the readable part.
type File struct {
	Files map[string]*hcl.File
	// SourceOrder is the position of each source, by name.
	SourceOrder map[string]int
	// Root is the module of the project's own files. Modules are all modules, root first.
	Root    *Module
	Modules []*Module
	// RootSources are the project's own files.
	RootSources []Source
	Tasks       []*Task
	// ServiceBlocks are the `service` blocks, in order.
	ServiceBlocks []*Block
	// EngineBlocks are the `engine` blocks, in order.
	EngineBlocks []*Block

	// TaskByName has the tasks of all modules by their full names, taskByAlias by their aliases.
	TaskByName, taskByAlias map[string]*Task

	// Diags are the diagnostics of Parse. With an error, nothing runs. IsUnevaluable reports that no part can be
	// evaluated.
	Diags         hcl.Diagnostics
	IsUnevaluable bool
	// HasSyntaxErrors reports that the parser has not read everything, HasCycle that definitions need each other.
	HasSyntaxErrors, HasCycle bool

	// hiddenPaths are the paths of files with a hidden text, by name; hasHiddenError those with an error.
	hiddenPaths    map[string]string
	hasHiddenError map[string]bool
}

func (f *File) Locals() []*Local {
	var all []*Local
	for _, m := range f.Modules {
		all = append(all, m.locals...)
	}
	return all
}

func (f *File) Variables() []*Variable {
	var all []*Variable
	for _, m := range f.Modules {
		all = append(all, m.Variables...)
	}
	return all
}

// IsTaskLocal reports whether a place is in a block that affects only tasks with a reference to the block.
func (f *File) IsTaskLocal(at hcl.Range) bool {
	source := f.Files[at.Filename]
	if source == nil {
		return false
	}
	body, ok := source.Body.(*hclsyntax.Body)
	return ok && slices.ContainsFunc(body.Blocks, func(b *hclsyntax.Block) bool {
		return slices.Contains([]string{"task", "variable", "locals", "function", "defaults", "tasks"}, b.Type) &&
			diag.IsWithin(at, b.Range())
	})
}

// SourceText returns the text of an expression on one line.
func (f *File) SourceText(a *Attribute) string {
	at := a.Expr.Range()
	return strings.Join(strings.Fields(string(at.SliceBytes(f.Files[at.Filename].Bytes))), " ")
}

// TaskIndependentLocals returns the locals that need neither a task nor a required variable. Each reference is
// followed once.
func (f *File) TaskIndependentLocals() []*Local {
	known := map[*Local]bool{}
	var isIndependent func(l *Local) bool
	needsTask := func(ref Reference) bool {
		switch ref.Kind {
		case RefPath, RefPlatform, RefProject, RefCompose:
			return false
		case RefLocal:
			return !isIndependent(ref.Local())
		case RefVar:
			return ref.Module.VariableByName[ref.Name].DefaultValue == nil
		}
		return true
	}
	isIndependent = func(l *Local) bool {
		if _, visited := known[l]; !visited {
			known[l] = true // the answer inside of a cycle
			known[l] = !slices.ContainsFunc(l.Refs, needsTask)
		}
		return known[l]
	}
	return slices.DeleteFunc(f.Locals(), func(l *Local) bool { return !isIndependent(l) })
}
