package record

// EventDocument and SpanDocument are zero values of a line of events and of an element of a trace, for their schemas.
var (
	EventDocument any = event{}
	SpanDocument  any = span{}
)
