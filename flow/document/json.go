package document

import (
	"encoding/json"
	"strconv"
	"strings"
)

// jsonStyle writes JSON with a line for each line and each entry.
type jsonStyle struct{}

func (jsonStyle) beginSection(w sink, name string, first bool) {
	if first {
		w.put("{")
	}
	w.put(`"` + name + `":[`)
}

func (jsonStyle) endSection(w sink, items int, last bool) {
	if items > 0 {
		w.put("\n")
	}
	if last {
		w.put("]}\n")
	} else {
		w.put("],\n")
	}
}

func (jsonStyle) item(w sink, before int, laid []field) {
	if before > 0 {
		w.put(",")
	}
	w.put("\n")
	writeJSONFields(w, laid)
}

func writeJSONFields(w sink, laid []field) {
	before := "{"
	for _, f := range laid {
		w.put(before + `"` + f.name + `":`)
		writeJSONValue(w, f.value)
		before = ","
	}
	w.put("}")
}

func writeJSONValue(w sink, value any) {
	switch v := value.(type) {
	case []field:
		writeJSONFields(w, v)
	case [][]field:
		writeJSONList(w, v, writeJSONFields)
	case []string:
		writeJSONList(w, v, func(w sink, s string) { w.put(quoteJSON(s)) })
	case string:
		w.put(quoteJSON(v))
	case word:
		w.put(quoteJSON(string(v)))
	case bool:
		w.put(strconv.FormatBool(v))
	case int:
		w.put(strconv.Itoa(v))
	}
}

func writeJSONList[T any](w sink, items []T, write func(sink, T)) {
	w.put("[")
	for i, item := range items {
		if i > 0 {
			w.put(",")
		}
		write(w, item)
	}
	w.put("]")
}

// quoteJSON is s as JSON has it, with < and > as they are.
func quoteJSON(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string can always be written
	return strings.TrimSuffix(b.String(), "\n")
}
