package config

import (
	"slices"

	"tasks/hclspec/internal/diag"
)

// BlockType is one kind of block: what may stand in it and what it is for. The types below are the only list of the
// language's names; decoding, messages and docs/language.md are checked against it.
type BlockType struct {
	Name string
	// Label says what the one label of the block names; empty: the block has none.
	Label string
	Doc   string
	Attrs []AttributeType
	// open blocks take any attribute name.
	IsOpen bool
	Blocks []*BlockType
	// IsSingle blocks may be written once only.
	IsSingle bool
}

// attribute is one attribute of a block.
type AttributeType struct {
	Name string
	// Alias is another spelling of the same attribute.
	Alias string
	// typeText, def and example are for people: "list of string", "true".
	TypeText, DefaultText, Doc, Example string
	// Kinds are the tasks that the attribute can act on; empty where the block is not a task.
	Kinds []TaskKind
	// NeedsOwnContainer attributes shape a container that the task has for itself: mode = "exec" leaves them nothing to act on.
	NeedsOwnContainer bool
	// IsStatic attributes are read without evaluating: literals and references written out.
	IsStatic bool
	// AllowsRunTime attributes may use values that are known only once a dependency has run.
	AllowsRunTime bool
	// MergesByKey attributes are maps of which defaults and bases may give some keys and the task others.
	MergesByKey bool
	// IsMessage attributes are texts for people, which may quote secrets without being one.
	IsMessage bool
	// named says what a value becomes the name of, where nothing can mask it; empty: of nothing.
	NameOf string
}

func (b *BlockType) AttributeNamed(name string) (AttributeType, bool) {
	i := slices.IndexFunc(b.Attrs, func(a AttributeType) bool {
		return a.Name == name || a.Alias != "" && a.Alias == name
	})
	if i < 0 {
		return AttributeType{}, false
	}
	return b.Attrs[i], true
}

func (b *BlockType) blockNamed(name string) *BlockType {
	if i := slices.IndexFunc(b.Blocks, func(c *BlockType) bool { return c.Name == name }); i >= 0 {
		return b.Blocks[i]
	}
	return nil
}

// Names lists what may stand in the block, for suggestions.
func (b *BlockType) Names() []string {
	var names []string
	for _, a := range b.Attrs {
		names = append(names, a.Name)
	}
	for _, c := range b.Blocks {
		names = append(names, c.Name)
	}
	return names
}

// title is how messages call the block: "a task block", "the file" for the root.
func (b *BlockType) title() string {
	if b.Name == "" {
		return "a tasks file"
	}
	return diag.Article(b.Name) + " block"
}

// FileBlockType is the root: what may stand at the top of a file.
func FileBlockType() *BlockType {
	return &BlockType{Blocks: []*BlockType{
		tasksBlockType(), composeBlockType(), variableBlockType(), localsBlockType(), functionBlockType(), defaultsBlockType(), TaskBlockType(), serviceBlockType(), includeBlockType(),
	}}
}

func composeBlockType() *BlockType {
	return &BlockType{
		Name: "compose", IsSingle: true,
		Doc: "which compose project the tasks belong to; what is left out follows Compose's own discovery and environment",
		Attrs: []AttributeType{
			{Name: "files", TypeText: "list of string", DefaultText: "as Compose finds them", Doc: "compose files, later ones override", Example: `["compose.yaml"]`},
			{Name: "project", TypeText: "string", NameOf: "of what belongs to the project on the engine", DefaultText: "as Compose names it", Doc: "name of the project", Example: `"shop"`},
			{Name: "profiles", TypeText: "list of string", DefaultText: "those of `COMPOSE_PROFILES`", Doc: "active profiles", Example: `["debug"]`},
			{Name: "env_files", TypeText: "list of string", DefaultText: "those of `COMPOSE_ENV_FILES`, else `.env`", Doc: "dotenv files for Compose's interpolation", Example: `[".env"]`},
			{Name: "project_directory", TypeText: "string", DefaultText: "that of the first compose file", Doc: "base of the relative paths in compose files", Example: `"."`},
		},
	}
}

func variableBlockType() *BlockType {
	return &BlockType{
		Name: "variable", Label: "variable",
		Doc: "a value that can be given from outside",
		Attrs: []AttributeType{
			{Name: "type", TypeText: "type", DefaultText: "that of the default, else string", Doc: "what values are accepted", Example: "list(string)", IsStatic: true},
			{Name: "default", TypeText: "any", DefaultText: "none: the variable is required", Doc: "value when none is given", Example: `"dev"`},
			{Name: "description", TypeText: "literal string", Doc: "what it is for", Example: `"settings module"`, IsStatic: true},
			{Name: "sensitive", TypeText: "literal bool", DefaultText: "false", Doc: "its value is masked in all that is printed", Example: "true", IsStatic: true},
			{Name: "nullable", TypeText: "literal bool", DefaultText: "true", Doc: "whether null is a value; otherwise the default takes its place", Example: "false", IsStatic: true},
		},
		Blocks: []*BlockType{validationBlockType()},
	}
}

func localsBlockType() *BlockType {
	return &BlockType{Name: "locals", IsOpen: true, Doc: "named expressions, evaluated when a task needs them"}
}
