package lane

func masterData(vocabulary, id string, attributes ...object) object {
	return object{"type": "wm:MasterData", "vocabulary": "urn:epcglobal:epcis:vtype:" + vocabulary, "id": id, "attributes": attributes}
}

func attribute(id, value string) object { return object{"id": id, "attribute": value} }

func party(prefix, name, country string) object {
	return masterData("SourceDest", partyURI(prefix), attribute("cbvmda:name", name), attribute("cbvmda:countryCode", country))
}

func product(gtin, name, hs, netWeight string) object {
	attributes := []object{attribute("cbvmda:tradeItemDescription", name), attribute("wm:hsCode", hs)}
	if netWeight != "" {
		attributes = append(attributes, attribute("wm:netWeight", netWeight))
	}
	return masterData("EPCClass", classURI(gtin), attributes...)
}

func place(id, name, country, locode, lat, lon string) object {
	attributes := []object{attribute("cbvmda:name", name), attribute("cbvmda:countryCode", country),
		attribute("cbvmda:latitude", lat), attribute("cbvmda:longitude", lon)}
	if locode != "" {
		attributes = append(attributes, attribute("wm:unLocode", locode))
	}
	return masterData("BusinessLocation", id, attributes...)
}

// device is a sensor device and the certificate of its calibration.
func device(id, name, certificate string) object {
	return masterData("EPCInstance", id, attribute("cbvmda:name", name), attribute("wm:calibrationCertificate", certificate))
}
