package epcis

import (
	"strings"
	"testing"
)

// oneKilobyte is an event as a warehouse writes it, 1,024 bytes or so.
const oneKilobyte = `{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{"example":"https://ns.example.com/epcis/"}],` +
	`"type":"ObjectEvent","eventID":"ni:///sha-256;36abb3a2c0a726de32ac4beafd6b8bc4ba0b1d2de244490312e5cbec7b5ddece",` +
	`"eventTime":"2026-04-03T20:33:31.116+02:00","eventTimeZoneOffset":"+02:00",` +
	`"epcList":["urn:epc:id:sgtin:9521102.107346.2017","urn:epc:id:sgtin:9521102.107346.2018","https://id.gs1.org/01/09521102000012/21/2019"],` +
	`"quantityList":[{"epcClass":"urn:epc:class:lgtin:9521102.107346.LOT1","quantity":200.5,"uom":"KGM"}],` +
	`"action":"OBSERVE","bizStep":"shipping","disposition":"in_transit",` +
	`"readPoint":{"id":"https://id.gs1.org/414/9521102000005"},"bizLocation":{"id":"https://id.gs1.org/414/9521102000005"},` +
	`"bizTransactionList":[{"type":"po","bizTransaction":"http://transaction.example.com/po/12345678"}],` +
	`"sourceList":[{"type":"owning_party","source":"urn:epc:id:pgln:9521102.00000"}],` +
	`"certificationInfo":"https://id.gs1.org/253/9521106000012CERT","example:seal":"AB-1234"}`

// loadEvent is an event of the load that the test network is driven with.
const loadEvent = `{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{"cbvmda":"urn:epcglobal:cbv:mda:","wm":"https://waymark-ledger.github.io/voc/"}],` +
	`"action":"ADD","bizStep":"commissioning","bizTransactionList":[{"bizTransaction":"urn:epcglobal:cbv:bt:9521102000008:PR-A7-12","type":"prodorder"}],` +
	`"disposition":"active","epcList":["https://id.gs1.org/01/09521102000091/21/a700001234"],` +
	`"eventID":"ni:///sha-256;36abb3a2c0a726de32ac4beafd6b8bc4ba0b1d2de244490312e5cbec7b5ddece?ver=CBV2.0",` +
	`"eventTime":"2026-11-21T10:00:00.000Z","eventTimeZoneOffset":"+00:00",` +
	`"ilmd":{"cbvmda:lotNumber":"La700012","wm:netWeight":"0.25 KGM"},"readPoint":{"id":"https://id.gs1.org/414/9521102000015"},"type":"ObjectEvent"}`

func BenchmarkDecodeHashedLoad(b *testing.B) {
	in := []byte(loadEvent)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeHashed(KindEvent, in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecoderLoad(b *testing.B) {
	in := []byte(loadEvent)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	var d Decoder
	for b.Loop() {
		if _, err := d.DecodeHashed(KindEvent, in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseJSON(b *testing.B) {
	in := []byte(oneKilobyte)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseJSON(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	in := []byte(oneKilobyte)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(KindEvent, in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSplitEvent(b *testing.B) {
	in := []byte(oneKilobyte)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Split(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSplitHundredEvents(b *testing.B) {
	event := strings.Replace(oneKilobyte, `"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{"example":"https://ns.example.com/epcis/"}],`, "", 1)
	in := []byte(inDocument(`["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{"example":"https://ns.example.com/epcis/"}]`, strings.TrimSuffix(strings.Repeat(event+",", 100), ",")))
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Split(in); err != nil {
			b.Fatal(err)
		}
	}
}
