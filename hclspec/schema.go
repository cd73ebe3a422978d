package hclspec

import (
	"slices"
	"strings"

	"tasks/hclspec/internal/diag"
)

// blockType is one kind of block: what may stand in it and what it is for. The types below are the only list of the
// language's names; decoding, messages and docs/language.md are checked against it.
type blockType struct {
	name string
	// label says what the one label of the block names; empty: the block has none.
	label string
	doc   string
	attrs []attributeType
	// open blocks take any attribute name.
	isOpen bool
	blocks []*blockType
	// isSingle blocks may be written once only.
	isSingle bool
}

// attribute is one attribute of a block.
type attributeType struct {
	name string
	// alias is another spelling of the same attribute.
	alias string
	// typeText, def and example are for people: "list of string", "true".
	typeText, defaultText, doc, example string
	// kinds are the tasks that the attribute can act on; empty where the block is not a task.
	kinds []TaskKind
	// needsOwnContainer attributes shape a container that the task has for itself: mode = "exec" leaves them nothing to act on.
	needsOwnContainer bool
	// isStatic attributes are read without evaluating: literals and references written out.
	isStatic bool
	// allowsRunTime attributes may use values that are known only once a dependency has run.
	allowsRunTime bool
	// mergesByKey attributes are maps of which defaults and bases may give some keys and the task others.
	mergesByKey bool
	// isMessage attributes are texts for people, which may quote secrets without being one.
	isMessage bool
	// named says what a value becomes the name of, where nothing can mask it; empty: of nothing.
	nameOf string
	// set stores an evaluated value. nil: the attribute is decoded by its own code.
	set setter
}

func (b *blockType) attributeNamed(name string) (attributeType, bool) {
	i := slices.IndexFunc(b.attrs, func(a attributeType) bool {
		return a.name == name || a.alias != "" && a.alias == name
	})
	if i < 0 {
		return attributeType{}, false
	}
	return b.attrs[i], true
}

func (b *blockType) blockNamed(name string) *blockType {
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
	return diag.Article(b.name) + " block"
}

// String is the kind's name in messages.
func (k TaskKind) String() string {
	return [...]string{"group", "host", "service", "image"}[k]
}

// kindList renders "service and image tasks".
func kindList(kinds []TaskKind) string {
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

// fileBlockType is the root: what may stand at the top of a file.
func fileBlockType() *blockType {
	return &blockType{blocks: []*blockType{
		tasksBlockType(), composeBlockType(), variableBlockType(), localsBlockType(), functionBlockType(), defaultsBlockType(), taskBlockType(), serviceBlockType(), includeBlockType(),
	}}
}

func composeBlockType() *blockType {
	return &blockType{
		name: "compose", isSingle: true,
		doc: "which compose project the tasks belong to; what is left out follows Compose's own discovery and environment",
		attrs: []attributeType{
			{name: "files", typeText: "list of string", defaultText: "as Compose finds them", doc: "compose files, later ones override", example: `["compose.yaml"]`},
			{name: "project", typeText: "string", nameOf: "of what belongs to the project on the engine", defaultText: "as Compose names it", doc: "name of the project", example: `"shop"`},
			{name: "profiles", typeText: "list of string", defaultText: "those of `COMPOSE_PROFILES`", doc: "active profiles", example: `["debug"]`},
			{name: "env_files", typeText: "list of string", defaultText: "those of `COMPOSE_ENV_FILES`, else `.env`", doc: "dotenv files for Compose's interpolation", example: `[".env"]`},
			{name: "project_directory", typeText: "string", defaultText: "that of the first compose file", doc: "base of the relative paths in compose files", example: `"."`},
		},
	}
}

func variableBlockType() *blockType {
	return &blockType{
		name: "variable", label: "variable",
		doc: "a value that can be given from outside",
		attrs: []attributeType{
			{name: "type", typeText: "type", defaultText: "that of the default, else string", doc: "what values are accepted", example: "list(string)", isStatic: true},
			{name: "default", typeText: "any", defaultText: "none: the variable is required", doc: "value when none is given", example: `"dev"`},
			{name: "description", typeText: "literal string", doc: "what it is for", example: `"settings module"`, isStatic: true},
			{name: "sensitive", typeText: "literal bool", defaultText: "false", doc: "its value is masked in all that is printed", example: "true", isStatic: true},
			{name: "nullable", typeText: "literal bool", defaultText: "true", doc: "whether null is a value; otherwise the default takes its place", example: "false", isStatic: true},
		},
		blocks: []*blockType{validationBlockType()},
	}
}

func localsBlockType() *blockType {
	return &blockType{name: "locals", isOpen: true, doc: "named expressions, evaluated when a task needs them"}
}
