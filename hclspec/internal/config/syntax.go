package config

import "github.com/hashicorp/hcl/v2"

// CheckSyntax checks the syntax of one file alone, shell expansions included: the first of the two rounds of [Parse]. The file is
// for [WriteDiagnostics].
func CheckSyntax(source Source) (*hcl.File, hcl.Diagnostics) {
	p := parseSource(source)
	return p.file, p.errors
}
