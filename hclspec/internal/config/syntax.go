package config

import "github.com/hashicorp/hcl/v2"

// CheckSyntax checks the syntax of a file alone, shell expansions included. This is the first step of
// [Parser.Parse].
func CheckSyntax(source Source) (*hcl.File, hcl.Diagnostics) {
	p := parseSource(source)
	return p.file, p.errors
}
