package funcs

import (
	"errors"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"tasks/hclspec/internal/ctyconv"
)

func collectionFunctions() []Function {
	return []Function{
		{Name: "alltrue", Doc: "whether all elements are true", Example: `alltrue([true, false])`, Result: `false`,
			Build: pureFunction(foldBools(true))},
		{Name: "anytrue", Doc: "whether an element is true", Example: `anytrue([true, false])`, Result: `true`,
			Build: pureFunction(foldBools(false))},
		{Name: "chunklist", Doc: "a list in pieces of a size", Example: `chunklist([1, 2, 3], 2)`, Result: `[[1, 2], [3]]`,
			Build: pureFunction(stdlib.ChunklistFunc)},
		{Name: "coalesce", Doc: "the first argument that is neither null nor empty text", Example: `coalesce(null, "", "a")`,
			Result: `"a"`, Build: pureFunction(coalesceFunc())},
		{Name: "coalescelist", Doc: "the first list that is not empty", Example: `coalescelist([], ["a"])`, Result: `["a"]`,
			Build: pureFunction(stdlib.CoalesceListFunc)},
		{Name: "compact", Doc: "a list without empty text and null", Example: `compact(["a", "", null])`, Result: `["a"]`,
			Build: pureFunction(stdlib.CompactFunc)},
		{Name: "concat", Doc: "lists one after the other", Example: `concat(["a"], ["b"])`, Result: `["a", "b"]`,
			Build: pureFunction(stdlib.ConcatFunc)},
		{Name: "contains", Doc: "whether a list holds a value", Example: `contains(["a"], "a")`, Result: `true`,
			Build: pureFunction(stdlib.ContainsFunc)},
		{Name: "distinct", Doc: "a list with each value once", Example: `distinct(["a", "b", "a"])`, Result: `["a", "b"]`,
			Build: pureFunction(stdlib.DistinctFunc)},
		{Name: "element", Doc: "the element at an index, counting round", Example: `element(["a", "b"], 3)`, Result: `"b"`,
			Build: pureFunction(stdlib.ElementFunc)},
		{Name: "flatten", Doc: "nested lists as one", Example: `flatten([["a"], [["b"]]])`, Result: `["a", "b"]`,
			Build: pureFunction(stdlib.FlattenFunc)},
		{Name: "index", Doc: "the place of a value in a list", Example: `index(["a", "b"], "b")`, Result: `1`,
			Build: pureFunction(indexFunc())},
		{Name: "keys", Doc: "the keys of a map, sorted", Example: `keys({ b = 1, a = 2 })`, Result: `["a", "b"]`,
			Build: pureFunction(stdlib.KeysFunc)},
		{Name: "length", Doc: "the number of elements, or of characters", Example: `length(["a", "b"])`, Result: `2`,
			Build: pureFunction(lengthFunc())},
		{Name: "lookup", Doc: "the value of a key, or a default", Example: `lookup({ a = 1 }, "b", 2)`, Result: `2`,
			Build: pureFunction(stdlib.LookupFunc)},
		{Name: "merge", Doc: "maps as one, later ones winning", Example: `merge({ a = 1 }, { a = 2 })`, Result: `{ a = 2 }`,
			Build: pureFunction(stdlib.MergeFunc), check: checkMerge},
		{Name: "one", Doc: "the only element of a list, or null", Example: `one(["a"])`, Result: `"a"`,
			Build: pureFunction(oneFunc())},
		{Name: "range", Doc: "numbers from a start to before a limit", Example: `range(1, 4)`, Result: `[1, 2, 3]`,
			Build: pureFunction(stdlib.RangeFunc), check: checkRange},
		{Name: "reverse", Doc: "a list in reverse", Example: `reverse(["a", "b"])`, Result: `["b", "a"]`,
			Build: pureFunction(stdlib.ReverseListFunc)},
		{Name: "setintersection", Doc: "what all sets hold", Example: `setintersection(["a", "b"], ["b"])`,
			Result: `toset(["b"])`, Build: pureFunction(stdlib.SetIntersectionFunc)},
		{Name: "setproduct", Doc: "all combinations of elements", Example: `setproduct(["a"], ["x", "y"])`,
			Result: `[["a", "x"], ["a", "y"]]`, Build: pureFunction(stdlib.SetProductFunc)},
		{Name: "setsubtract", Doc: "what the first set holds and the second does not",
			Example: `setsubtract(["a", "b"], ["b"])`, Result: `toset(["a"])`, Build: pureFunction(stdlib.SetSubtractFunc)},
		{Name: "setunion", Doc: "what any set holds", Example: `setunion(["a"], ["b"])`, Result: `toset(["a", "b"])`,
			Build: pureFunction(stdlib.SetUnionFunc)},
		{Name: "slice", Doc: "a part of a list, from an index to before another", Example: `slice(["a", "b", "c"], 1, 3)`,
			Result: `["b", "c"]`, Build: pureFunction(stdlib.SliceFunc)},
		{Name: "sort", Doc: "a list of text in order", Example: `sort(["b", "a"])`, Result: `["a", "b"]`,
			Build: pureFunction(stdlib.SortFunc)},
		{Name: "values", Doc: "the values of a map, in the order of their keys", Example: `values({ b = 1, a = 2 })`,
			Result: `[2, 1]`, Build: pureFunction(stdlib.ValuesFunc)},
		{Name: "zipmap", Doc: "a map of a list of keys and one of values", Example: `zipmap(["a"], [1])`, Result: `{ a = 1 }`,
			Build: pureFunction(stdlib.ZipmapFunc), check: checkZipmap},
	}
}

// foldBools makes alltrue (of true) or anytrue (of false). The first different element decides.
func foldBools(all bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.List(cty.Bool)}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			unknown := false
			for it := args[0].ElementIterator(); it.Next(); {
				_, v := it.Element()
				switch {
				case v.IsNull() && all:
					return cty.False, nil
				case v.IsNull():
				case !v.IsKnown():
					unknown = true
				case v.True() != all:
					return cty.BoolVal(!all), nil
				}
			}
			if unknown {
				return cty.UnknownVal(cty.Bool), nil
			}
			return cty.BoolVal(all), nil
		},
	})
}

// coalesceFunc follows Terraform's coalesce: empty text counts as null.
func coalesceFunc() function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{
			Name: "values", Type: cty.DynamicPseudoType,
			AllowNull: true, AllowUnknown: true, AllowDynamicType: true,
		},
		Type: func(args []cty.Value) (cty.Type, error) {
			return coalesceType(args)
		},
		Impl: func(args []cty.Value, retType cty.Type) (cty.Value, error) {
			for _, v := range args {
				if !v.IsKnown() {
					return cty.UnknownVal(retType), nil
				}
				if !isNullOrEmpty(v) {
					return v, nil
				}
			}
			return cty.NilVal, errors.New("all arguments are null or empty")
		},
	})
}

// coalesceType returns the type of the first argument with a value.
func coalesceType(args []cty.Value) (cty.Type, error) {
	for _, v := range args {
		if !v.IsKnown() {
			return cty.DynamicPseudoType, nil
		}
		if !isNullOrEmpty(v) {
			return v.Type(), nil
		}
	}
	return cty.NilType, errors.New("all arguments are null or empty")
}

func isNullOrEmpty(v cty.Value) bool {
	return v.IsNull() || v.Type() == cty.String && v.AsString() == ""
}

func indexFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType},
			{Name: "value", Type: cty.DynamicPseudoType}},
		Type: function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if !args[0].Type().IsListType() && !args[0].Type().IsTupleType() {
				return cty.NilVal, function.NewArgError(0, ctyconv.WrongTypeError("a list", args[0]))
			}
			for it := args[0].ElementIterator(); it.Next(); {
				key, v := it.Element()
				same, err := stdlib.Equal(v, args[1])
				if err != nil {
					return cty.NilVal, err
				}
				if !same.IsKnown() {
					return cty.UnknownVal(cty.Number), nil
				}
				if same.True() {
					return key, nil
				}
			}
			return cty.NilVal, function.NewArgError(1, errors.New("the list does not hold it"))
		},
	})
}

// lengthFunc also counts characters, as Terraform's length does.
func lengthFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowUnknown: true}},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if args[0].Type() == cty.String {
				return stdlib.Strlen(args[0])
			}
			if args[0].Type().IsObjectType() {
				return cty.NumberIntVal(int64(len(args[0].Type().AttributeTypes()))), nil
			}
			if !args[0].IsKnown() && args[0].Type() == cty.DynamicPseudoType {
				return cty.UnknownVal(cty.Number), nil
			}
			return stdlib.Length(args[0])
		},
	})
}

func oneFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}},
		Type: func(args []cty.Value) (cty.Type, error) {
			v, err := onlyElement(args[0])
			return v.Type(), err
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return onlyElement(args[0])
		},
	})
}

// onlyElement returns the single element of a list, or null for an empty list.
func onlyElement(list cty.Value) (cty.Value, error) {
	if !ctyconv.IsSequence(list.Type()) {
		return cty.DynamicVal, function.NewArgError(0, ctyconv.WrongTypeError("a list", list))
	}
	if !list.IsWhollyKnown() {
		return cty.DynamicVal, nil
	}
	if list.LengthInt() > 1 {
		return cty.DynamicVal, function.NewArgError(0, errors.New("the list has more than one element"))
	}
	for it := list.ElementIterator(); it.Next(); {
		_, v := it.Element()
		return v, nil
	}
	return cty.NullVal(cty.DynamicPseudoType), nil
}
