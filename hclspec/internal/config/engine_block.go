package config

import (
	"fmt"
	"slices"

	"tasks/hclspec/internal/diag"
)

// engineBlockType names a container engine for --engine.
func engineBlockType() *BlockType {
	return &BlockType{
		Name: "engine", Label: "engine",
		Doc: "a container engine of another machine, chosen by `--engine`",
		Attrs: []AttributeType{
			{Name: "host", TypeText: "string", Doc: "the address of the engine", Example: `"ssh://deploy@build1"`},
			{Name: "context", TypeText: "string", Doc: "a context of the docker command, in place of host",
				Example: `"build1"`},
			{Name: "binds", TypeText: "list of string", DefaultText: "none",
				Doc:     "paths of the engine's machine that bind mounts may use; each path includes all below it",
				Example: `["/srv/data"]`},
		},
	}
}

// declareEngine declares an engine block under its name.
func (d *declarer) declareEngine(n *Block) {
	name := n.Module.Prefix + n.Label
	if first := d.file.EngineBlock(name); first != nil {
		d.reportDuplicate(fmt.Sprintf("engine %q", name), n.LabelRange, first.LabelRange)
		return
	}
	if !TaskNamePattern().MatchString(n.Label) {
		d.report(diag.ErrorAt(n.LabelRange, "invalid name of an engine",
			"A name is made of letters, digits, `_`, `-` and `.`, with a letter or digit first."))
	}
	d.file.EngineBlocks = append(d.file.EngineBlocks, n)
}

// EngineName returns the name of an engine block for --engine.
func (n *Block) EngineName() string { return n.Module.Prefix + n.Label }

// EngineBlock returns the engine block with a name, or nil.
func (f *File) EngineBlock(name string) *Block {
	i := slices.IndexFunc(f.EngineBlocks, func(n *Block) bool { return n.EngineName() == name })
	if i < 0 {
		return nil
	}
	return f.EngineBlocks[i]
}

// checkEngine checks an engine block without values.
func (c *checker) checkEngine(n *Block) {
	for _, a := range n.SortedAttrs() {
		a.Refs = c.analyse(a.Expression)
		c.checkAllowed(a.Expression, "an engine block", RefVar, RefLocal, RefPath, RefPlatform)
	}
	host, context := n.Attrs["host"], n.Attrs["context"]
	switch {
	case host != nil && context != nil:
		c.report(diag.ErrorAt(context.NameRange, "host and context together",
			"An engine block has one of the two. The other one is at %s; remove one.", diag.Place(host.NameRange)))
	case host == nil && context == nil && !n.hasUnknownNames:
		c.report(diag.ErrorAt(n.HeaderRange, fmt.Sprintf("engine %q has no address", n.Label),
			"Write host = \"ssh://USER@MACHINE\", or context = \"NAME\" for a context of the docker command."))
	}
}
