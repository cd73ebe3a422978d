package config

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
)

// FindTask gives the task that a name on the command line means, an alias too, or nil.
func (f *File) FindTask(name string) *Task {
	if t := f.TaskByName[name]; t != nil {
		return t
	}
	return f.taskByAlias[name]
}

// ReferenceUse is a reference that an expression makes: itself, or through the local that via names.
type ReferenceUse struct {
	Ref Reference
	via *Reference
}

// at is the place in the expression itself.
func (u ReferenceUse) RangeInExpression() hcl.Range {
	if u.via != nil {
		return u.via.Range
	}
	return u.Ref.Range
}

// ReachableReferences yields what references refer to, themselves and through locals and functions, each of those once. It survives
// cycles.
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

// ReachesKind says whether references reach a kind, through locals too.
func (f *File) ReachesKind(refs []Reference, kind RefKind) bool {
	for use := range f.ReachableReferences(refs) {
		if use.Ref.Kind == kind {
			return true
		}
	}
	return false
}

// TakesArgs says whether the words after a task's name reach something.
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
	// SourceOrder is the place of each source, by name.
	SourceOrder map[string]int
	// Root is the module of the project's own files; modules are all of them, root first.
	Root    *Module
	Modules []*Module
	Tasks   []*Task
	// ServiceBlocks are the `service` blocks, in order.
	ServiceBlocks []*Block

	// TaskByName has the tasks of all modules, by their full names; taskByAlias by what else the command line may call them.
	TaskByName, taskByAlias map[string]*Task

	// Diags are those of Parse; with errors among them nothing runs. halted says that nothing can be evaluated then.
	Diags         hcl.Diagnostics
	IsUnevaluable bool
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

// IsTaskLocal says that a place is in a block which matters to those alone who name it.
func (f *File) IsTaskLocal(at hcl.Range) bool {
	source := f.Files[at.Filename]
	if source == nil {
		return false
	}
	body, ok := source.Body.(*hclsyntax.Body)
	return ok && slices.ContainsFunc(body.Blocks, func(b *hclsyntax.Block) bool {
		return slices.Contains([]string{"task", "variable", "locals", "function", "defaults", "tasks"}, b.Type) && diag.IsWithin(at, b.Range())
	})
}

// written is the text of an expression, on one line.
func (f *File) SourceText(a *Attribute) string {
	at := a.Expr.Range()
	return strings.Join(strings.Fields(string(at.SliceBytes(f.Files[at.Filename].Bytes))), " ")
}

// IsTaskIndependent says that a local's value depends neither on a task nor on a variable that somebody has to set.
func (f *File) IsTaskIndependent(l *Local) bool {
	for use := range f.ReachableReferences(l.Refs) {
		switch use.Ref.Kind {
		case RefLocal, RefPath, RefPlatform, RefProject:
		case RefVar:
			if use.Ref.Module.VariableByName[use.Ref.Name].DefaultValue == nil {
				return false
			}
		default:
			return false
		}
	}
	return true
}
