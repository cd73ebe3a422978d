package hclspec

import (
	"slices"
	"strings"
)

// blockType is one kind of block: what may stand in it and what it is for. The types below are the only list of the
// language's names; decoding, messages and docs/language.md are checked against it.
type blockType struct {
	name string
	// label says what the one label of the block names; empty: the block has none.
	label string
	doc   string
	attrs []attribute
	// open blocks take any attribute name.
	open   bool
	blocks []*blockType
	// single blocks may be written once only.
	single bool
}

// attribute is one attribute of a block.
type attribute struct {
	name string
	// alias is another spelling of the same attribute.
	alias string
	// typ, def and example are for people: "list of string", "true".
	typ, def, doc, example string
	// kinds are the tasks that the attribute can act on; empty where the block is not a task.
	kinds []Kind
	// ownContainer attributes shape a container that the task has for itself: mode = "exec" leaves them nothing to act on.
	ownContainer bool
	// static attributes are read without evaluating: literals and references written out.
	static bool
	// runtime attributes may use values that are known only once a dependency has run.
	runtime bool
	// byKey attributes are maps of which defaults and bases may give some keys and the task others.
	byKey bool
	// told attributes are texts for people, which may quote secrets without being one.
	told bool
	// named says what a value becomes the name of, where nothing can mask it; empty: of nothing.
	named string
	// set stores an evaluated value. nil: the attribute is decoded by its own code.
	set setter
}

func (b *blockType) attr(name string) (attribute, bool) {
	i := slices.IndexFunc(b.attrs, func(a attribute) bool {
		return a.name == name || a.alias != "" && a.alias == name
	})
	if i < 0 {
		return attribute{}, false
	}
	return b.attrs[i], true
}

func (b *blockType) block(name string) *blockType {
	if i := slices.IndexFunc(b.blocks, func(c *blockType) bool { return c.name == name }); i >= 0 {
		return b.blocks[i]
	}
	return nil
}

// names lists what may stand in the block, for suggestions.
func (b *blockType) names() []string {
	var names []string
	for _, a := range b.attrs {
		names = append(names, a.name)
	}
	for _, c := range b.blocks {
		names = append(names, c.name)
	}
	return names
}

// title is how messages call the block: "a task block", "the file" for the root.
func (b *blockType) title() string {
	if b.name == "" {
		return "a tasks file"
	}
	return article(b.name) + " block"
}

// String is the kind's name in messages.
func (k Kind) String() string {
	return [...]string{"group", "host", "service", "image"}[k]
}

// kindList renders "service and image tasks".
func kindList(kinds []Kind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.String()
	}
	last := len(names) - 1
	if last == 0 {
		return names[0] + " tasks"
	}
	return strings.Join(names[:last], ", ") + " and " + names[last] + " tasks"
}

// language is the root: what may stand at the top of a file.
func language() *blockType {
	return &blockType{blocks: []*blockType{
		tasksBlockType(), composeBlockType(), variableBlockType(), localsBlockType(), functionBlockType(), defaultsBlockType(), taskBlockType(), serviceBlockType(), includeBlockType(),
	}}
}

func composeBlockType() *blockType {
	return &blockType{
		name: "compose", single: true,
		doc: "which compose project the tasks belong to; what is left out follows Compose's own discovery and environment",
		attrs: []attribute{
			{name: "files", typ: "list of string", def: "as Compose finds them", doc: "compose files, later ones override", example: `["compose.yaml"]`},
			{name: "project", typ: "string", named: "of what belongs to the project on the engine", def: "as Compose names it", doc: "name of the project", example: `"shop"`},
			{name: "profiles", typ: "list of string", def: "those of `COMPOSE_PROFILES`", doc: "active profiles", example: `["debug"]`},
			{name: "env_files", typ: "list of string", def: "those of `COMPOSE_ENV_FILES`, else `.env`", doc: "dotenv files for Compose's interpolation", example: `[".env"]`},
			{name: "project_directory", typ: "string", def: "that of the first compose file", doc: "base of the relative paths in compose files", example: `"."`},
		},
	}
}

func variableBlockType() *blockType {
	return &blockType{
		name: "variable", label: "variable",
		doc: "a value that can be given from outside",
		attrs: []attribute{
			{name: "type", typ: "type", def: "that of the default, else string", doc: "what values are accepted", example: "list(string)", static: true},
			{name: "default", typ: "any", def: "none: the variable is required", doc: "value when none is given", example: `"dev"`},
			{name: "description", typ: "literal string", doc: "what it is for", example: `"settings module"`, static: true},
			{name: "sensitive", typ: "literal bool", def: "false", doc: "its value is masked in all that is printed", example: "true", static: true},
			{name: "nullable", typ: "literal bool", def: "true", doc: "whether null is a value; otherwise the default takes its place", example: "false", static: true},
		},
		blocks: []*blockType{validationBlockType()},
	}
}

func localsBlockType() *blockType {
	return &blockType{name: "locals", open: true, doc: "named expressions, evaluated when a task needs them"}
}
