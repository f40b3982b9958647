{% filter js %}
{% for name in ["colours", "where-in-the-page", "copy", "words", "by-keyboard", "searched-words", "open-search"] %}
{% include "js/" ~ name ~ ".js" %}

{% endfor %}
{% endfilter %}
