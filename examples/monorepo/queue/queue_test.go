package queue

import "testing"

func TestDecode(t *testing.T) {
	sent := Message{ID: "1", Text: "a \"b\"\n"}
	if got, err := Decode(Encode(sent)); got != sent || err != nil {
		t.Errorf("%+v, %v; want %+v", got, err, sent)
	}
	if _, err := Decode(`{"text":"a"}`); err == nil {
		t.Error("a message without an id is accepted")
	}
}
