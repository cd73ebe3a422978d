package config

import (
	"slices"

	"tasks/hclspec/internal/diag"
)

// BlockType is a kind of block: its content and its purpose. The block types are the only list of the names of the
// language. Decoding and messages use this list, and a test compares docs/language.md with it.
type BlockType struct {
	Name string
	// Label is the noun for the block's label. Empty: the block has no label.
	Label string
	Doc   string
	Attrs []AttributeType
	// IsOpen allows all attribute names.
	IsOpen bool
	Blocks []*BlockType
	// IsSingle allows the block once only.
	IsSingle bool
}

// AttributeType is an attribute of a block.
type AttributeType struct {
	Name string
	// Alias is a second spelling of the attribute.
	Alias string
	// TypeText, DefaultText, Doc and Example are for people: "list of string", "true".
	TypeText, DefaultText, Doc, Example string
	// Kinds are the kinds of tasks for the attribute. Empty: the block is no task.
	Kinds []TaskKind
	// NeedsOwnContainer marks an attribute of a task's own container. With mode = "exec" there is no such
	// container.
	NeedsOwnContainer bool
	// IsStatic marks literals and references that are read without evaluation.
	IsStatic bool
	// AllowsRunTime allows results of dependencies in the value.
	AllowsRunTime bool
	// MergesByKey marks a map with keys from defaults, from bases and from the task.
	MergesByKey bool
	// IsMessage marks a text for people. Such a text may quote secrets without being a secret.
	IsMessage bool
	// NameOf says what the value names in a place without masking. Empty: nothing.
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

// Names returns the names of attributes and inner blocks, for suggestions.
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

// title returns the name of the block in messages: "a task block", or "a tasks file" for the root.
func (b *BlockType) title() string {
	if b.Name == "" {
		return "a tasks file"
	}
	return diag.Article(b.Name) + " block"
}

// FileBlockType returns the root: the content of a file.
func FileBlockType() *BlockType {
	return &BlockType{Blocks: []*BlockType{
		tasksBlockType(), composeBlockType(), variableBlockType(), localsBlockType(), functionBlockType(),
		defaultsBlockType(), TaskBlockType(), serviceBlockType(), engineBlockType(), includeBlockType(),
	}}
}

func composeBlockType() *BlockType {
	return &BlockType{
		Name: "compose", IsSingle: true,
		Doc: "which compose project the tasks belong to; what is left out follows Compose's own discovery and environment",
		Attrs: []AttributeType{
			{Name: "files", TypeText: "list of string", DefaultText: "as Compose finds them",
				Doc: "compose files, later ones override", Example: `["compose.yaml"]`},
			{Name: "project", TypeText: "string", NameOf: "of what belongs to the project on the engine",
				DefaultText: "as Compose names it", Doc: "name of the project", Example: `"shop"`},
			{Name: "profiles", TypeText: "list of string", DefaultText: "those of `COMPOSE_PROFILES`", Doc: "active profiles",
				Example: `["debug"]`},
			{Name: "env_files", TypeText: "list of string", DefaultText: "those of `COMPOSE_ENV_FILES`, else `.env`",
				Doc: "dotenv files for Compose's interpolation", Example: `[".env"]`},
			{Name: "project_directory", TypeText: "string", DefaultText: "that of the first compose file",
				Doc: "base of the relative paths in compose files", Example: `"."`},
		},
	}
}

func variableBlockType() *BlockType {
	return &BlockType{
		Name: "variable", Label: "variable",
		Doc: "a value that can be given from outside",
		Attrs: []AttributeType{
			{Name: "type", TypeText: "type", DefaultText: "that of the default, else string", Doc: "what values are accepted",
				Example: "list(string)", IsStatic: true},
			{Name: "default", TypeText: "any", DefaultText: "none: the variable is required", Doc: "value when none is given",
				Example: `"dev"`},
			{Name: "description", TypeText: "literal string", Doc: "what it is for", Example: `"settings module"`,
				IsStatic: true},
			{Name: "sensitive", TypeText: "literal bool", DefaultText: "false",
				Doc: "its value is masked in all that is printed", Example: "true", IsStatic: true},
			{Name: "nullable", TypeText: "literal bool", DefaultText: "true",
				Doc: "whether null is a value; otherwise the default takes its place", Example: "false", IsStatic: true},
		},
		Blocks: []*BlockType{validationBlockType()},
	}
}

func localsBlockType() *BlockType {
	return &BlockType{Name: "locals", IsOpen: true, Doc: "named expressions, evaluated when a task needs them"}
}
