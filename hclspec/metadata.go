package hclspec

import (
	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/funcs"
)

// Metadata describes the whole language for programs, in the shape of docs/json.md. The tables for decoding are
// its only source.
type Metadata struct {
	// Blocks are the blocks at the top of a file.
	Blocks    []BlockInfo    `json:"blocks"`
	Functions []FunctionInfo `json:"functions"`
	// Values are the first words of references.
	Values []ValueInfo `json:"values"`
}

// BlockInfo describes a block type.
type BlockInfo struct {
	Name string `json:"name"`
	Doc  string `json:"doc"`
	// Label is the noun for the block's label; empty without a label.
	Label string `json:"label,omitempty"`
	// Single blocks may appear once. Open blocks accept all attribute names.
	Single     bool            `json:"single,omitempty"`
	Open       bool            `json:"open,omitempty"`
	Attributes []AttributeInfo `json:"attributes"`
	Blocks     []BlockInfo     `json:"blocks"`
}

// AttributeInfo describes an attribute of a block.
type AttributeInfo struct {
	Name string `json:"name"`
	// Alias is another spelling.
	Alias string `json:"alias,omitempty"`
	Type  string `json:"type"`
	Doc   string `json:"doc"`
	// Default is the value of an unset attribute, in words or as an expression.
	Default string `json:"default,omitempty"`
	Example string `json:"example"`
	// Kinds are the kinds of tasks for the attribute: "group", "host", "service", "image".
	Kinds []string `json:"kinds,omitempty"`
	// Static attributes are read without evaluation. RunTime attributes may use results of other tasks.
	Static  bool `json:"static,omitempty"`
	RunTime bool `json:"run_time,omitempty"`
}

// FunctionInfo describes a function.
type FunctionInfo struct {
	Name      string `json:"name"`
	Signature string `json:"signature"`
	Doc       string `json:"doc"`
	// Parameters are the required parameters, in order. Variadic is the last parameter if it may repeat.
	Parameters []string `json:"parameters"`
	Variadic   string   `json:"variadic,omitempty"`
	// Example is a call and Result its value. Both are expressions.
	Example string `json:"example"`
	Result  string `json:"result"`
}

// ValueInfo describes a first word of references, with its fixed members.
type ValueInfo struct {
	Name    string   `json:"name"`
	Members []string `json:"members,omitempty"`
}

// Describe returns the whole language.
func Describe() Metadata {
	m := Metadata{Blocks: blockInfos(config.FileBlockType().Blocks)}
	for _, f := range funcs.All() {
		m.Functions = append(m.Functions, functionInfo(f))
	}
	for _, root := range config.ReferenceRoots() {
		m.Values = append(m.Values, ValueInfo{Name: root, Members: config.FixedMembers(config.RefKind(root))})
	}
	return m
}

func blockInfos(types []*config.BlockType) []BlockInfo {
	infos := make([]BlockInfo, len(types))
	for i, b := range types {
		infos[i] = BlockInfo{
			Name: b.Name, Doc: b.Doc, Label: b.Label, Single: b.IsSingle, Open: b.IsOpen,
			Attributes: []AttributeInfo{}, Blocks: blockInfos(b.Blocks),
		}
		for _, a := range b.Attrs {
			infos[i].Attributes = append(infos[i].Attributes, attributeInfo(a))
		}
	}
	return infos
}

func attributeInfo(a config.AttributeType) AttributeInfo {
	info := AttributeInfo{
		Name: a.Name, Alias: a.Alias, Type: a.TypeText, Doc: a.Doc, Default: a.DefaultText, Example: a.Example,
		Static: a.IsStatic, RunTime: a.AllowsRunTime,
	}
	for _, kind := range a.Kinds {
		info.Kinds = append(info.Kinds, kind.String())
	}
	return info
}

func functionInfo(f funcs.Function) FunctionInfo {
	made := f.Build(funcs.Inputs{})
	info := FunctionInfo{Name: f.Name, Signature: funcs.Signature(f.Name, made), Doc: f.Doc, Parameters: []string{},
		Example: f.Example, Result: f.Result}
	for _, p := range made.Params() {
		info.Parameters = append(info.Parameters, p.Name)
	}
	if p := made.VarParam(); p != nil {
		info.Variadic = p.Name
	}
	return info
}
