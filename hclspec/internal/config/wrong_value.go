package config

import (
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
)

// WrongValueError reports a wrong value at the innermost literal place.
func WrongValueError(a *Attribute, err error) *hcl.Diagnostic {
	at := a.Expr.Range()
	var wrong ctyconv.ValueError
	if errors.As(err, &wrong) {
		at = InnermostRange(a.Expr, wrong.Path, wrong.IsKey)
	}
	return diag.ErrorAt(at, fmt.Sprintf("invalid value for %s", a.Name), "%s", diag.SentenceOf(err))
}

// InnermostRange follows a path into literal lists and maps, to a value or to its key.
func InnermostRange(expr hclsyntax.Expression, path cty.Path, toKey bool) hcl.Range {
	for i, step := range path {
		value, key := ChildExpression(expr, step)
		switch {
		case value == nil:
			return expr.Range()
		case toKey && key != nil && i == len(path)-1:
			return key.Range()
		}
		expr = value
	}
	return expr.Range()
}

// ChildExpression returns the expression behind a step, and its key in a map. The expression is nil if it is not
// literal.
func ChildExpression(expr hclsyntax.Expression, step cty.PathStep) (value, key hclsyntax.Expression) {
	index, ok := step.(cty.IndexStep)
	if attr, member := step.(cty.GetAttrStep); member {
		index, ok = cty.IndexStep{Key: cty.StringVal(attr.Name)}, true
	}
	if !ok {
		return nil, nil
	}
	switch expr := expr.(type) {
	case *hclsyntax.TupleConsExpr:
		if index.Key.Type() == cty.Number {
			if i, _ := index.Key.AsBigFloat().Int64(); int(i) < len(expr.Exprs) {
				return expr.Exprs[i], nil
			}
		}
	case *hclsyntax.ObjectConsExpr:
		for _, item := range expr.Items {
			if key, _ := item.KeyExpr.Value(nil); key.RawEquals(index.Key) {
				return item.ValueExpr, item.KeyExpr
			}
		}
	}
	return nil, nil
}
