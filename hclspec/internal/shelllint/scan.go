package shelllint

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/nesting"
)

// Result is the outcome of a scan.
type Result struct {
	// Masked is the source with each expansion overwritten, byte for byte. The parser sees only HCL, and all
	// places stay the same.
	Masked []byte
	// Tokens are those of Masked, or nil for a source that cannot have expansions.
	Tokens           hclsyntax.Tokens
	Errors, Warnings hcl.Diagnostics
}

// Scan finds the shell expansions in the command, script and entrypoint of tasks. The scan reads tokens and not
// the syntax tree, because many expansions are syntax errors in HCL. An expansion such as ${#a} even hides the
// rest of the file from the lexer. After such an expansion the masked source is read again. A file with too many
// levels is not scanned: [nesting.ParseFile] refuses its tokens.
func Scan(filename string, text []byte, roots []string) Result {
	scan := Result{Masked: text}
	if !mayHaveExpansions(text) {
		return scan
	}
	origin := diag.NewPositions(filename, text)
	for {
		scan.Tokens, _ = hclsyntax.LexConfig(scan.Masked, filename, hcl.InitialPos)
		if nesting.FileTokens(scan.Tokens) != nil {
			return scan
		}
		regions := shellRegions(scan.Tokens, roots)
		found := findExpansions(scan.Masked, regions)
		if len(found) == 0 {
			scan.Warnings = doubledDollars(text, regions, origin)
			return scan
		}
		masked := bytes.Clone(scan.Masked)
		for _, x := range found {
			scan.Errors = append(scan.Errors, x.diagnostic(origin))
			for i := x.start; i < x.end; i++ {
				masked[i] = '_'
			}
		}
		scan.Masked = masked
	}
}

// mayHaveExpansions reports whether the text has the start of an expansion. Most files need no scan.
func mayHaveExpansions(text []byte) bool {
	return bytes.Contains(text, []byte("${")) || bytes.Contains(text, []byte("%{")) || bytes.Contains(text, []byte("$$"))
}

// shellRegion is the value of an attribute for a shell or a program.
type shellRegion struct {
	attr   string
	tokens hclsyntax.Tokens
	// boundNames are the names of `for` in the value.
	boundNames map[string]bool
	// roots are the first words of references in the language.
	roots []string
}

// shellRegions returns the values of command, script and entrypoint in the tokens of a file.
func shellRegions(tokens hclsyntax.Tokens, roots []string) []shellRegion {
	var regions []shellRegion
	depth, inTask := 0, false
	for i := 0; i < len(tokens); i++ {
		token := tokens[i]
		if depth == 0 && token.Type == hclsyntax.TokenIdent && startsStatement(tokens, i) {
			inTask = string(token.Bytes) == "task"
		}
		if depth == 1 && inTask && startsShellAttr(tokens, i) {
			end := i + 2 + valueLength(tokens[i+2:])
			value := tokens[i+2 : end]
			regions = append(regions, shellRegion{attr: string(token.Bytes), tokens: value, boundNames: boundNames(value),
				roots: roots})
			i = end - 1
			continue
		}
		depth = max(0, depth+nestingChange(token.Type))
	}
	return regions
}

func startsStatement(tokens hclsyntax.Tokens, i int) bool {
	if i == 0 {
		return true
	}
	switch tokens[i-1].Type {
	case hclsyntax.TokenNewline, hclsyntax.TokenOBrace, hclsyntax.TokenComment:
		return true
	}
	return false
}

func startsShellAttr(tokens hclsyntax.Tokens, i int) bool {
	if tokens[i].Type != hclsyntax.TokenIdent || i+1 >= len(tokens) || tokens[i+1].Type != hclsyntax.TokenEqual {
		return false
	}
	switch string(tokens[i].Bytes) {
	case "command", "script", "entrypoint":
		return startsStatement(tokens, i)
	}
	return false
}

// valueLength counts the tokens before the newline or brace at the end of an attribute.
func valueLength(tokens hclsyntax.Tokens) int {
	depth := 0
	for i, token := range tokens {
		if depth == 0 {
			switch token.Type {
			case hclsyntax.TokenNewline, hclsyntax.TokenCBrace, hclsyntax.TokenEOF:
				return i
			}
		}
		depth = max(0, depth+nestingChange(token.Type))
	}
	return len(tokens)
}

func nestingChange(t hclsyntax.TokenType) int {
	switch t {
	case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp,
		hclsyntax.TokenTemplateControl, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
		return 1
	case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd,
		hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
		return -1
	}
	return 0
}

// boundNames returns the names behind `for`.
func boundNames(tokens hclsyntax.Tokens) map[string]bool {
	names := map[string]bool{}
	isName := func(i int) bool { return i < len(tokens) && tokens[i].Type == hclsyntax.TokenIdent }
	for i, token := range tokens {
		if token.Type != hclsyntax.TokenIdent || string(token.Bytes) != "for" || !isName(i+1) {
			continue
		}
		names[string(tokens[i+1].Bytes)] = true
		if i+3 < len(tokens) && tokens[i+2].Type == hclsyntax.TokenComma && isName(i+3) {
			names[string(tokens[i+3].Bytes)] = true
		}
	}
	return names
}

// expansion is a shell expansion with its bytes in the source.
type expansion struct {
	attr       string
	start, end int
	text       string
	// following is the next character, or 0.
	following byte
}

// findExpansions returns the expansions up to the first expansion that may confuse the lexer.
func findExpansions(src []byte, regions []shellRegion) []expansion {
	var found []expansion
	for _, region := range regions {
		for _, token := range region.tokens {
			x, ok := region.expansion(src, token)
			if !ok {
				continue
			}
			found = append(found, x)
			if strings.ContainsAny(x.text[2:len(x.text)-1], "#/\"'`{}<\\") {
				return found
			}
		}
	}
	return found
}

// expansion reports whether a token begins a shell expansion.
func (r shellRegion) expansion(src []byte, token hclsyntax.Token) (expansion, bool) {
	if token.Type != hclsyntax.TokenTemplateInterp && token.Type != hclsyntax.TokenTemplateControl {
		return expansion{}, false
	}
	x := expansion{attr: r.attr, start: token.Range.Start.Byte}
	x.end = closingBrace(src, x.start+2)
	if x.end < 0 {
		return x, false
	}
	x.text = string(src[x.start:x.end])
	if x.end < len(src) {
		x.following = src[x.end]
	}
	content := x.text[2 : len(x.text)-1]
	if token.Type == hclsyntax.TokenTemplateControl {
		return x, !isDirective(content)
	}
	return x, r.isShellExpansion(content)
}

// closingBrace returns the offset behind the closing brace on the same line, or -1.
func closingBrace(src []byte, from int) int {
	depth := 1
	for i := from; i < len(src) && src[i] != '\n'; i++ {
		switch src[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// directivePattern matches the start of an HCL directive behind %{.
var directivePattern = diag.LazyRegexp(`^~?\s*(if|else|endif|for|endfor)\b`)

func isDirective(content string) bool {
	return directivePattern().MatchString(content)
}

// parameterPattern is the grammar of a parameter expansion in POSIX shells and bash: a name, a number or a special
// parameter. A length or an indirection may stand before, an index and an operator behind.
var parameterPattern = diag.LazyRegexp(
	`^([!#]?)([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])(\[[^\]]*\])?((?::|-|=|\+|\?|#|%|/|\^|,|@).*)?$`)

// isShellExpansion reports whether content belongs to a shell. Content with a meaning in both, such as ${1+2},
// belongs to HCL.
func (r shellRegion) isShellExpansion(content string) bool {
	parts := parameterPattern().FindStringSubmatch(content)
	if parts == nil {
		return false
	}
	name, plain := parts[2], parts[1] == "" && parts[3] == "" && parts[4] == ""
	isNumber := name[0] >= '0' && name[0] <= '9'
	constant := slices.Contains([]string{"true", "false", "null"}, name)
	switch {
	case r.boundNames[name] || r.boundNames[content]:
		// `for` declares the name.
	case plain:
		// Of all roots, only args is a value.
		return name != "args" && !constant
	case !isNumber && !constant && !slices.Contains(r.roots, identifierPattern().FindString(content)):
		return true
	}
	return !isExpression(content)
}

// isExpression reports whether HCL understands the whole text, without a comment as in ${x#y}.
func isExpression(content string) bool {
	tokens, _ := hclsyntax.LexExpression([]byte(content), "", hcl.InitialPos)
	comment := func(token hclsyntax.Token) bool { return token.Type == hclsyntax.TokenComment }
	if slices.ContainsFunc(tokens, comment) {
		return false
	}
	_, diags := nesting.ParseExpression([]byte(content), "")
	return !diags.HasErrors()
}

// identifierPattern is an identifier of HCL. It may have dashes.
var identifierPattern = diag.LazyRegexp(`^[A-Za-z_][A-Za-z0-9_-]*`)

func (x expansion) diagnostic(origin diag.Positions) *hcl.Diagnostic {
	kind := "${…} is HCL interpolation"
	if x.text[0] == '%' {
		kind = "%{…} is a directive of HCL"
	}
	return diag.ErrorAt(origin.RangeOf(x.start, x.end), fmt.Sprintf("shell expansion in %s", x.attr),
		"%s. To leave it to the shell, write %s.", kind, x.replacement())
}

// replacement returns the spelling that reaches the shell.
func (x expansion) replacement() string {
	if x.text[0] == '%' {
		return "%" + x.text
	}
	name := x.text[2 : len(x.text)-1]
	if simpleParameterPattern().MatchString(name) && (len(name) == 1 && !isLetterOrDigit(name[0]) ||
		!isLetterOrDigit(x.following)) {
		return "$" + name
	}
	return strings.ReplaceAll(x.text, "${", "$${")
}

// simpleParameterPattern matches parameters that need no braces in a shell.
var simpleParameterPattern = diag.LazyRegexp(`^([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])$`)

func isLetterOrDigit(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// doubledDollarPattern matches an escape of Compose. HCL does not have this escape.
var doubledDollarPattern = diag.LazyRegexp(`\$\$[A-Za-z_][A-Za-z0-9_]*`)

// doubledDollars warns about $$NAME. The text reaches the shell unchanged.
func doubledDollars(text []byte, regions []shellRegion, origin diag.Positions) hcl.Diagnostics {
	var warnings hcl.Diagnostics
	for _, region := range regions {
		for _, literal := range region.texts() {
			for _, at := range doubledDollarPattern().FindAllIndex(text[literal.Start.Byte:literal.End.Byte], -1) {
				place := origin.RangeOf(literal.Start.Byte+at[0], literal.Start.Byte+at[1])
				name := place.SliceBytes(text)[2:]
				warnings = append(warnings, diag.WarningAt(place, fmt.Sprintf("doubled dollar in %s", region.attr),
					"Only ${ and %%{ need doubling. A shell reads $$ as its process id: write $%s.", name))
			}
		}
	}
	return warnings
}

// texts returns the places of literal text. The lexer cuts text at each dollar: these parts are joined.
func (r shellRegion) texts() []hcl.Range {
	var texts []hcl.Range
	for _, token := range r.tokens {
		if token.Type != hclsyntax.TokenQuotedLit && token.Type != hclsyntax.TokenStringLit {
			continue
		}
		if last := len(texts) - 1; last >= 0 && texts[last].End.Byte == token.Range.Start.Byte {
			texts[last].End = token.Range.End
			continue
		}
		texts = append(texts, token.Range)
	}
	return texts
}
