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
		Doc: "a container engine of another machine, or several engines, chosen by `--engine`",
		Attrs: []AttributeType{
			{Name: "host", TypeText: "string", Doc: "the address of the engine", Example: `"ssh://deploy@build1"`},
			{Name: "context", TypeText: "string", Doc: "a context of the docker command, in place of host",
				Example: `"build1"`},
			{Name: "binds", TypeText: "list of string", DefaultText: "none",
				Doc:     "paths of the engine's machine that bind mounts may use; each path includes all below it",
				Example: `["/srv/data"]`},
			{Name: "hosts", TypeText: "list of string", Example: `["ssh://deploy@build1", "ssh://deploy@build2"]`,
				Doc: "the addresses of several engines; each is a node of this engine"},
			{Name: "swarm", TypeText: "string", Example: `"ssh://deploy@manager1"`,
				Doc: "the address of a manager of a Docker Swarm; the machines of the swarm are the nodes of this engine"},
			{Name: "connect", TypeText: "string", DefaultText: "the address in swarm, with `{address}` for the machine",
				Doc:     "the address of the engine of a node of the swarm; `{address}` and `{hostname}` are those of the node",
				Example: `"ssh://deploy@{address}"`},
			{Name: "nodes", TypeText: "map of string", DefaultText: "all nodes",
				Doc: "the labels of the swarm's nodes that are used", Example: `{ ci = "true" }`},
			{Name: "slots", TypeText: "number", DefaultText: "4",
				Doc: "one-offs of shards at once on a node", Example: "4"},
			{Name: "images", TypeText: "string", DefaultText: "`\"load\"`",
				Doc: "how a node gets an image of another node: `\"load\"` sends the image", Example: `"load"`},
			{Name: "spread", TypeText: "string", DefaultText: "`\"stack\"`",
				Doc: "what is on one node: `\"stack\"` is a whole compose project", Example: `"stack"`},
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
	c.checkEngineAddress(n)
	c.checkNodeAttributes(n)
}

// EngineAddresses are the attributes with the address of an engine. A block has exactly one.
func EngineAddresses() []string { return []string{"host", "context", "hosts", "swarm"} }

// checkEngineAddress reports a block with no address, or with several addresses.
func (c *checker) checkEngineAddress(n *Block) {
	var first *Attribute
	for _, a := range n.SortedAttrs() {
		switch {
		case !slices.Contains(EngineAddresses(), a.Name):
		case first == nil:
			first = a
		default:
			c.report(diag.ErrorAt(a.NameRange, fmt.Sprintf("%s and %s together", first.Name, a.Name),
				"An engine block has one of host, context, hosts and swarm. The other one is at %s; remove one.",
				diag.Place(first.NameRange)))
		}
	}
	if first == nil && !n.hasUnknownNames {
		c.report(diag.ErrorAt(n.HeaderRange, fmt.Sprintf("engine %q has no address", n.Label),
			"Write host = \"ssh://USER@MACHINE\", context = \"NAME\" for a context of the docker command, "+
				"hosts = [\"ssh://…\", …] for several engines, or swarm = \"ssh://USER@MANAGER\"."))
	}
}

// checkNodeAttributes reports attributes of several engines in a block with one engine.
func (c *checker) checkNodeAttributes(n *Block) {
	if n.hasUnknownNames {
		return
	}
	hasSwarm := n.Attrs["swarm"] != nil
	for _, a := range n.SortedAttrs() {
		switch a.Name {
		case "connect", "nodes":
			if !hasSwarm {
				c.report(diag.ErrorAt(a.NameRange, a.Name+" without swarm",
					"Only the nodes of a Docker Swarm have labels and addresses of their own. Write swarm = \"…\", or remove %s.",
					a.Name))
			}
		case "slots", "images", "spread":
			if !hasSwarm && n.Attrs["hosts"] == nil {
				c.report(diag.ErrorAt(a.NameRange, a.Name+" without several engines",
					"%s is for the nodes of hosts = […] or swarm = \"…\". Remove %s.", a.Name, a.Name))
			}
		}
	}
}
