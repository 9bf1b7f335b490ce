package epcis

// expandedWord is prefix and word as one string that need not be made: those
// that records are full of. "" for any other word.
func expandedWord(prefix, word string) string {
	switch prefix {
	case NamespaceCBV + "BizStep-":
		return bizStepWord(word)
	case NamespaceCBV + "Disp-":
		return dispositionWord(word)
	case NamespaceCBV + "BTT-":
		return transactionWord(word)
	case NamespaceCBV + "SDT-":
		return partyWord(word)
	}
	return ""
}

// bizStepWord holds the business steps of CBV 2.0, section 7.1.
func bizStepWord(word string) string {
	switch word {
	case "accepting":
		return NamespaceCBV + "BizStep-accepting"
	case "arriving":
		return NamespaceCBV + "BizStep-arriving"
	case "assembling":
		return NamespaceCBV + "BizStep-assembling"
	case "collecting":
		return NamespaceCBV + "BizStep-collecting"
	case "commissioning":
		return NamespaceCBV + "BizStep-commissioning"
	case "consigning":
		return NamespaceCBV + "BizStep-consigning"
	case "creating_class_instance":
		return NamespaceCBV + "BizStep-creating_class_instance"
	case "cycle_counting":
		return NamespaceCBV + "BizStep-cycle_counting"
	case "decommissioning":
		return NamespaceCBV + "BizStep-decommissioning"
	case "departing":
		return NamespaceCBV + "BizStep-departing"
	case "destroying":
		return NamespaceCBV + "BizStep-destroying"
	case "disassembling":
		return NamespaceCBV + "BizStep-disassembling"
	case "dispensing":
		return NamespaceCBV + "BizStep-dispensing"
	case "encoding":
		return NamespaceCBV + "BizStep-encoding"
	case "entering_exiting":
		return NamespaceCBV + "BizStep-entering_exiting"
	case "holding":
		return NamespaceCBV + "BizStep-holding"
	case "inspecting":
		return NamespaceCBV + "BizStep-inspecting"
	case "installing":
		return NamespaceCBV + "BizStep-installing"
	case "killing":
		return NamespaceCBV + "BizStep-killing"
	case "loading":
		return NamespaceCBV + "BizStep-loading"
	case "other":
		return NamespaceCBV + "BizStep-other"
	case "packing":
		return NamespaceCBV + "BizStep-packing"
	case "picking":
		return NamespaceCBV + "BizStep-picking"
	case "receiving":
		return NamespaceCBV + "BizStep-receiving"
	case "removing":
		return NamespaceCBV + "BizStep-removing"
	case "repackaging":
		return NamespaceCBV + "BizStep-repackaging"
	case "repairing":
		return NamespaceCBV + "BizStep-repairing"
	case "replacing":
		return NamespaceCBV + "BizStep-replacing"
	case "reserving":
		return NamespaceCBV + "BizStep-reserving"
	case "retail_selling":
		return NamespaceCBV + "BizStep-retail_selling"
	case "sampling":
		return NamespaceCBV + "BizStep-sampling"
	case "sensor_reporting":
		return NamespaceCBV + "BizStep-sensor_reporting"
	case "shipping":
		return NamespaceCBV + "BizStep-shipping"
	case "staging_outbound":
		return NamespaceCBV + "BizStep-staging_outbound"
	case "stock_taking":
		return NamespaceCBV + "BizStep-stock_taking"
	case "stocking":
		return NamespaceCBV + "BizStep-stocking"
	case "storing":
		return NamespaceCBV + "BizStep-storing"
	case "transforming":
		return NamespaceCBV + "BizStep-transforming"
	case "transporting":
		return NamespaceCBV + "BizStep-transporting"
	case "unloading":
		return NamespaceCBV + "BizStep-unloading"
	case "unpacking":
		return NamespaceCBV + "BizStep-unpacking"
	case "void_shipping":
		return NamespaceCBV + "BizStep-void_shipping"
	}
	return ""
}

// dispositionWord holds the dispositions of CBV 2.0, section 7.2.
func dispositionWord(word string) string {
	switch word {
	case "active":
		return NamespaceCBV + "Disp-active"
	case "available":
		return NamespaceCBV + "Disp-available"
	case "completeness_inferred":
		return NamespaceCBV + "Disp-completeness_inferred"
	case "completeness_verified":
		return NamespaceCBV + "Disp-completeness_verified"
	case "conformant":
		return NamespaceCBV + "Disp-conformant"
	case "container_closed":
		return NamespaceCBV + "Disp-container_closed"
	case "container_open":
		return NamespaceCBV + "Disp-container_open"
	case "damaged":
		return NamespaceCBV + "Disp-damaged"
	case "destroyed":
		return NamespaceCBV + "Disp-destroyed"
	case "dispensed":
		return NamespaceCBV + "Disp-dispensed"
	case "disposed":
		return NamespaceCBV + "Disp-disposed"
	case "encoded":
		return NamespaceCBV + "Disp-encoded"
	case "expired":
		return NamespaceCBV + "Disp-expired"
	case "in_progress":
		return NamespaceCBV + "Disp-in_progress"
	case "in_transit":
		return NamespaceCBV + "Disp-in_transit"
	case "inactive":
		return NamespaceCBV + "Disp-inactive"
	case "mismatch_class":
		return NamespaceCBV + "Disp-mismatch_class"
	case "mismatch_instance":
		return NamespaceCBV + "Disp-mismatch_instance"
	case "mismatch_quantity":
		return NamespaceCBV + "Disp-mismatch_quantity"
	case "needs_replacement":
		return NamespaceCBV + "Disp-needs_replacement"
	case "no_pedigree_match":
		return NamespaceCBV + "Disp-no_pedigree_match"
	case "non_conformant":
		return NamespaceCBV + "Disp-non_conformant"
	case "non_sellable_other":
		return NamespaceCBV + "Disp-non_sellable_other"
	case "partially_dispensed":
		return NamespaceCBV + "Disp-partially_dispensed"
	case "recalled":
		return NamespaceCBV + "Disp-recalled"
	case "reserved":
		return NamespaceCBV + "Disp-reserved"
	case "retail_sold":
		return NamespaceCBV + "Disp-retail_sold"
	case "returned":
		return NamespaceCBV + "Disp-returned"
	case "sellable_accessible":
		return NamespaceCBV + "Disp-sellable_accessible"
	case "sellable_not_accessible":
		return NamespaceCBV + "Disp-sellable_not_accessible"
	case "stolen":
		return NamespaceCBV + "Disp-stolen"
	case "unavailable":
		return NamespaceCBV + "Disp-unavailable"
	case "unknown":
		return NamespaceCBV + "Disp-unknown"
	}
	return ""
}

// transactionWord holds the types of business transactions of CBV 2.0, section 7.3.
func transactionWord(word string) string {
	switch word {
	case "bol":
		return NamespaceCBV + "BTT-bol"
	case "cert":
		return NamespaceCBV + "BTT-cert"
	case "desadv":
		return NamespaceCBV + "BTT-desadv"
	case "inv":
		return NamespaceCBV + "BTT-inv"
	case "pedigree":
		return NamespaceCBV + "BTT-pedigree"
	case "po":
		return NamespaceCBV + "BTT-po"
	case "poc":
		return NamespaceCBV + "BTT-poc"
	case "prodorder":
		return NamespaceCBV + "BTT-prodorder"
	case "recadv":
		return NamespaceCBV + "BTT-recadv"
	case "rma":
		return NamespaceCBV + "BTT-rma"
	case "testprd":
		return NamespaceCBV + "BTT-testprd"
	case "testres":
		return NamespaceCBV + "BTT-testres"
	case "upevt":
		return NamespaceCBV + "BTT-upevt"
	}
	return ""
}

// partyWord holds the types of sources and destinations of CBV 2.0, section 7.4.
func partyWord(word string) string {
	switch word {
	case "owning_party":
		return NamespaceCBV + "SDT-owning_party"
	case "possessing_party":
		return NamespaceCBV + "SDT-possessing_party"
	case "location":
		return NamespaceCBV + "SDT-location"
	}
	return ""
}
