// Package symbols finds blocks, attributes, names and references in the text of a file, for editors. The search reads
// tokens and no syntax tree, because a file under the fingers of a person is broken most of the time. The package
// evaluates nothing and checks nothing.
package symbols
