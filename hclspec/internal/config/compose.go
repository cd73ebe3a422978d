package config

// checkCompose checks what of a compose block can be checked without a value; nil: there is none.
func (c *checker) checkCompose(n *Block) {
	if n == nil {
		return
	}
	for _, a := range n.SortedAttrs() {
		a.Refs = c.analyse(a.Expression)
		c.checkAllowed(a.Expression, "the compose block", RefVar, RefLocal, RefPath, RefPlatform)
	}
}
