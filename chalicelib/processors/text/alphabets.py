"""The letters beyond ASCII of languages that were written in 8-bit encodings.

From the exemplar characters of the Unicode CLDR (https://cldr.unicode.org), with the letters of its auxiliary sets
that are common in loanwords.
"""

_LOWER_CASE = {
    "be": "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
    "bg": "абвгдежзийклмнопрстуфхцчшщъьюя",
    "br": "âêîôûùüñ",
    "ca": "àçéèíïóòúü·",
    "cs": "áčďéěíňóřšťúůýž",
    "cy": "âêîôûŵŷáïéäëöàèìò",
    "da": "æøåéáó",
    "de": "äöüß",
    "el": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
    "eo": "ĉĝĥĵŝŭ",
    "es": "áéíñóúü",
    "et": "äõöüšž",
    "fi": "äöåšž",
    "fr": "àâæçéèêëîïôœùûüÿ",
    "ga": "áéíóú",
    "gl": "áéíñóúü",
    "hr": "čćđšž",
    "hu": "áéíóöőúüű",
    "is": "áðéíóúýþæö",
    "it": "àèéìòùíóî",
    "lt": "ąčęėįšųūž",
    "lv": "āčēģīķļņšūžōŗ",
    "mk": "абвгдѓежзѕијклљмнњопрстќуфхцчџш",
    "mt": "ċġħżàèìòù",
    "nl": "áéëïóöüèê",
    "pl": "ąćęłńóśźż",
    "pt": "áâãàçéêíóôõúü",
    "ro": "ăâîșțşţ",
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "sk": "áäčďéíĺľňóôŕšťúýž",
    "sq": "ëç",
    "sr": "абвгдђежзијклљмнњопрстћуфхцчџш",
    "sv": "åäöéàü",
    "tr": "çğıöşüiâîû",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "vi": "ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
}

_ALSO = {"tr": "İ", "vi": "\u0300\u0301\u0303\u0309\u0323"}
"""A capital letter that is no single one in lower case, and the tone marks that cp1258 puts after a letter."""

ALPHABETS = {
    language: frozenset(letters + letters.upper() + _ALSO.get(language, ""))
    for language, letters in _LOWER_CASE.items()
}
"""By ISO 639-1 code."""

ONE_LETTER_WORDS = frozenset("àèéêòóôåöăíúáÀÈÉÊÒÓÅÖÁÍÚвиокусяеіаэйїєуВИОКУСЯАЕІУЭйηοήώΗΟ")
"""Letters beyond ASCII that are a word by themselves in one of the languages."""
