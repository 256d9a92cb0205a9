"""The words behind each kind, in the languages this project can spell. Written for it, by hand.

Some of them are offensive: a model of abuse has to know them. Identity terms stand in a kind of
their own, so that training can teach that they say nothing by themselves.
"""
# ruff: noqa: RUF001 - words of many languages

# Chinese, Japanese and Thai words are judged sign by sign: one sign is one word there.
KIND_WORDS: dict[str, str] = {
    "channel": """
        channel channels chanel chan page profile bio blog website site vlog playlist mixtape
        album soundcloud spotify instagram insta ig fb facebook tiktok twitch youtube yt twitter
        onlyfans canal pagina perfil sitio kanal kanalim profil seite webseite chaine profilo
        канал* канале профил* страниц* группу паблик kanalku akun profilku""",
    "subscribe": """
        subscribe* sub subs suscrib* suscrí* follow follows followme f4f l4l s4s sub4sub
        like4like inscreva* inscreve* segue sigue siga seguidme abonn* folgt folge подпис*
        подпиш* takip abone subcribe subscirbe susbcribe followback gain shoutout langganan
        iscriviti seguimi đăng""",
    "reach": """
        follower* likes views viewers promo promote* promotion* promoting boost* viral exposure
        seo backlink* traffic marketing advertis* ranking rank leads audience grow organic
        engagement seguidores seguidor abonnés накрут* раскрут* продвиж* реклам* лайк* просмотр*
        подписчик* pengikut takipçi promosi iklan jasa""",
    "visit": """
        check checkout visit click clic klik click* tap view watch open browse go see look find
        link links url website below here clique clica haz pincha entra visita visite acesse
        besuch* klick* cliquez visitez нажми* жми переход* перейд* ссылк* тык tıkla kunjungi
        buka lihat enlace lien""",
    "join": """
        join joining register registration signup sign apply download install activate enroll
        order claim redeem unlock start deposit daftar gabung bergabung ikut únete unete
        registrate regístrate participe cadastre entre anmelden registrier* inscrivez rejoignez
        присоединя* регистр* вступай* заходи* скачай* kayıt katıl tham""",
    "contact": """
        whatsapp whatsap watsapp whats wa telegram tg tele dm dms pm inbox contact* message msg
        text txt call reply email mail gmail sms kik snap snapchat skype viber wechat weixin
        line zalo signal discord hangout hangouts icq jabber dial hmu hubungi kontak chat
        contacta* escrib* escreva chama chame llama llame schreib* melde kontaktier* ecrivez
        contactez пиши* пишите напиши* личк* лс звон* тел whatsappa ulaş yaz liên inboxme""",
    "money": """
        money cash dollar* usd eur gbp euro euros pounds earn* income profit* salary paid pay
        payout paycheck payday rich wealth millionaire revenue bucks weekly daily monthly
        commission funds dinero ganar gana ganancia* ganhe ganhar dinheiro renda lucro grana
        geld verdien* einkommen argent gagne* gagnez revenus soldi guadagn* деньг* денег
        заработ* доход* прибыл* руб рубл* оплат* выплат* uang duit cuan rupiah penghasilan para
        kazan* kazanç tiền kiếm kiem lương""",
    "invest": """
        invest* forex trading trader traders trade broker* bitcoin* btc crypto* kripto eth
        ethereum usdt usdc bnb xrp doge solana wallet* airdrop* token* nft nfts mining miner
        coin coins binance coinbase metamask signals pips portfolio roi dividend* stock stocks
        inverti* invierte inversion* criptomoneda* investir investimento* anlage investier*
        placement* trésor инвест* крипт* биткоин* биржа трейд* вложен* investasi saham yatırım""",
    "gamble": """
        casino* kasino bet bets betting bettor odds slot slots jackpot poker roulette blackjack
        gambl* bookmaker* sportsbook wager* spins spin jp wd gacor maxwin judi togel toto
        scatter zeus olympus pragmatic rtp slot88 hoki cair depo bandar situs apuesta* apostar
        aposta* bet365 1xbet казино ставк* букмекер* слот* фриспин* bahis iddaa kumar wetten
        glücksspiel pari paris đánh nổ""",
    "prize": """
        prize* winner* won win wins winning lottery lotto award* awarded reward* gift* giftcard
        giveaway* voucher* coupon* selected lucky congratulat* congrats claim bonus* iphone ps5
        ringtone* premio* ganador* felicidades sorteo regalo parabéns prêmio sorteio gewonnen
        gewinn* gutschein* geschenk cadeau* gagnant* félicitations concours приз* выигр* розыгр*
        подар* бонус* hadiah menang pemenang undian ödül hediye kazandınız çekiliş""",
    "free": """
        free gratis gratuit* kostenlos* umsonst бесплатн* даром percuma ücretsiz bedava miễn phí
        grátis freebie* complimentary unlimited""",
    "adult": """
        sex sexy sexual porn* nude* naked xxx escort* hookup* camgirl* webcam horny milf bdsm
        fetish onlyfans nsfw 18 dating singles lonely hottie* intimate erotic* putas sexo
        desnuda* pelada секс* порно* интим* эскорт* голы* знакомств* bokep ngentot telanjang
        seks escortbayan massage fkk""",
    "pharmacy": """
        viagra cialis pill pills pharmac* prescription* meds medication* steroid* cbd kratom
        diet weightloss keto supplement* detox cure herbal testosterone enlargement xanax
        adderall tramadol oxycodone perder adelgaz* emagrec* abnehm* maigrir похуд* таблетк*
        диет* obat""",
    "loan": """
        loan* lender* lending borrow* debt* mortgage* refinanc* credit kredit* darlehen prêt
        crédit préstamo* prestamo* empréstimo* займ* заём кредит* микрозайм* pinjaman dana kredi
        borç vay schufa apr""",
    "sell": """
        buy sale sell selling seller* sold discount* offer offers deal deals cheap* price* shop
        shopping store order wholesale replica* designer shipping delivery stock limited special
        compra* comprar venta vendo oferta* descuento* barato* kauf* verkauf* rabatt angebot*
        billig* günstig* acheter vente promo* solde* remise куп* прода* скидк* акци* дешев*
        заказ* цен* jual beli murah diskon harga satılık indirim ucuz mua bán giá""",
    "job": """
        job jobs hiring hire vacancy vacancies recruit* employ* remote remotely parttime
        freelance* homebased wfh career* trabajo empleo trabalho vaga vagas emprego arbeit
        nebenjob stelle travail emploi lavoro работ* ваканс* удалённ* удаленн* подработ*
        занятост* lowongan kerja loker iş eleman tuyển việc""",
    "account": """
        account* verify verif* suspend* password* login security bank* card cards paypal update
        confirm* blocked expire* invoice parcel package customs unusual unauthorized locked
        deactivat* cuenta tarjeta banco contraseña conta cartão senha konto karte passwort
        sperr* compte carte карт* счёт* парол* аккаунт* rekening kartu hesap""",
    "urgent": """
        now today urgent* hurry instant* immediate* asap limited last expires tonight quick
        quickly fast act fastest ahora hoy urgente ya agora hoje jetzt heute sofort dringend
        schnell maintenant vite сейчас срочно сегодня быстро успей* sekarang cepat segera hemen
        şimdi ngay""",
    "promise": """
        guarantee* guaranteed legit* trusted proven scam risk riskfree real genuine authentic
        proof certified 100 secure safe easy simple secret trick method garantiz* garantía
        garantido garantiert sicher garanti* гарант* проверен* честн* легко terpercaya resmi
        dijamin kolay""",
    "crack": """
        hack* generator* cheat* crack* keygen mod apk cvv fullz cloned clone dumps cashapp
        bypass unlocker serial spy recover recovery spell caster herbalist illuminati взлом*
        хак* чит*""",
    "address": """
        http https www com net org info xyz shop site online top club vip ru cn io me ly bit
        tinyurl t goo gl click link store live icu""",
    "you": """
        you your yours yourself u ur ya yall urself thou youre du dich dir dein* ihr euch euer*
        sie tu te tus ti usted ustedes tú vos você voce vc vcs seu sua seus teu tua toi vous ton
        ta tes votre ты тебя тебе тобой твой твоя вы вас вам ваш* kamu kau lo lu elu anda sen
        seni senin siz 你 您 妳 あなた お前 bạn mày 너 당신 tum tera teri tujhe أنت""",
    "self": """
        i im ive my me mine we our us myself ich mir mich mein* wir uns yo mi mis nosotros eu
        meu minha nós je moi mon ma mes nous я мне меня мой моя мы нам saya aku gue gw ben benim
        biz 我 我们 私 tôi""",
    "thanks": """
        thank thanks thx ty love loved lovely beautiful great awesome amazing nice good best
        happy glad proud respect support welcome please congratulations hope enjoy* brilliant
        wonderful helpful gracias hermoso bueno buena feliz obrigado obrigada lindo ótimo danke
        schön gut toll merci beau bien super спасибо хорош* отличн* красив* класс terima kasih
        bagus keren mantap teşekkür güzel 谢谢 好 美 ありがとう""",
    "insult": """
        idiot* idiota* idiotic moron* moronic imbecil* stupid* dumb dumber dumbass dummy retard*
        loser losers pathetic worthless useless trash garbage scum filth filthy clown clowns
        coward* liar* fool foolish ugly fatass fat disgrace disgusting disgust* creep creepy pig
        pigs rat rats snake weirdo freak freaks jerk jerks sucks suck sucker douche* dipshit
        shithead braindead brainless delusional pervert* psycho lowlife nobody ignorant crybaby
        simp incel cuck snowflake* libtard* traitor* dork lame fuckwit* numbskull* nitwit*
        halfwit* dimwit* bozo buffoon* twit nutjob* nutcase* lunatic* wacko* whackjob crazy
        insane deranged deluded unhinged dumbest stupidity stupidest idiocy idiots morons pos
        pathological slimy sleazy sleazeball scumbag* dirtbag* douchebag* asshat* crackhead*
        junkie* skank* hag whiny whiner* wimp* sissy sheep sheeple troll trolls hack hacks
        shill* puke vile repulsive nasty hideous despicable laughable clueless spineless gutless
        shameless brainwashed illiterate uneducated inbred peasant* degenerate* trashy lazy
        greedy crooked tonto tonta estupid* estúpid* tarado* imbécil* gilipollas pendej* payaso
        asqueros* basura inútil cabron cabrón burro burra otario otário trouxa nojo nojent* lixo
        ridicul* babaca retardad* feia escroto vagabund* canalha verme corno corna idioten dumm
        dumme dummkopf* depp deppen trottel vollidiot* spast* penner versager abschaum dreck
        drecks* pack gesindel lügner* heuchler volksverräter* verräter* gutmensch* widerlich*
        ekelhaft* lächerlich* verblödet* bescheuert* hirnlos* schwachsinn* connard* conne con
        cons abruti* débile* crétin* ordure* minable raclure bouffon stronz* cretin* coglion*
        deficiente schifo* scemo feccia дурак* дура дебил* идиот* тупой тупая тупые тупиц* урод*
        мразь мрази тварь твари козел козёл ничтожеств* чмо лох лохи скотин* придур* кретин*
        goblok tolol bego bodoh dungu anjing bangsat babi monyet kampret sampah idiyot aptal
        salak gerizekalı şerefsiz mal haysiyetsiz ezik ngu đồ 蠢 傻 贱 垃 圾 滚 猪 狗 死 丑 废
        恶 बेवकूफ غبي حمار كلب""",
    "profanity": """
        fuck* fuk fuking fck fcking fkn fking motherfuck* mf mfs mfer* shit* bullshit bs crap
        ass asses asshole* arse* arsehole* bitch* biatch bastard* cunt* dick dicks dickhead*
        cock cocksuck* prick pricks pussy pussies twat wank* damn goddamn hell piss* wtf stfu
        gtfo kys bollocks bugger tits titties hoe hoes whore* slut* slutty skank* thot* blowjob
        puta puto putas putos mierda joder coño verga chinga* culero pinche cojones hostia porra
        caralho merda foda* foder fode fodase foda-se puta* vadia* piranha buceta bosta cu pqp
        vsf vtnc tnc fdp krl caralh* arrombad* desgraça* desgraçad* cacete viado* bicha* scheiß*
        scheiss* scheisse scheiße arsch* arschloch* fick* fotze* hure* hurensohn* wichser* kacke
        verpiss* schlampe* nutte* putain merde enculé* encule* salope* pute putes bordel foutre
        niquer nique cazzo vaffanculo puttana troia minchia culo блять бля блядь сука суки хуй
        хуйн* хуе* пизд* еба* ёб* еб нахуй нахер говно гавно пидор* пидар* мудак* жопа шлюх*
        ублюд* kontol memek ngentot jancuk asu pepek tai bajingan amk aq sik siktir* orospu* piç
        göt yarrak ibne địt lồn cặc đéo 操 妈 逼 屄 婊 鸡 日 草 艹 くそ クソ 씨발 병신 चूतिया كس""",
    "slur": """
        nigg* faggot* fag fags dyke dykes tranny trannies kike kikes chink chinks gook* spic
        spics wetback* beaner* raghead* towelhead* sandnigg* paki pakis coon coons redneck*
        cracker* whitetrash mudslime* muzzie* rapefugee* kanake* neger* zigeuner* schwuchtel*
        kameltreiber* musel* maricon* maricón* sudaca* macaco* traveco* sapatão bougnoule* negre
        negres bicot* хач* чурк* черножоп* жид жиды хохл* cina kafir""",
    "threat": """
        kill* die dies dying death murder* shoot shot stab* hang hanged burn rape* raped beat
        punch slap smash hurt destroy exterminat* eradicat* annihilat* lynch* gas gassed execut*
        behead* suicide strangle choke grave bullet knife gun bomb bury dead matar mata muere
        mueran morir muerte morra morre morrer matem matá-lo morte umbringen töten stirb sterben
        erschießen vergasen aufhängen abknallen tuer crève creve mourir pendre uccid* ammazz*
        muori убить убью убей сдох* умри подох* повес* застрел* mati bunuh mampus gantung öldür*
        geber öl giết chết 杀 死 打""",
    "group": """
        women woman men girls gay gays lesbian* bisexual* queer* trans transgender* homosexual*
        lgbt* jew jews jewish muslim* islam* christian* catholic* hindu* sikh* buddhist*
        atheist* black blacks white whites asian* african* latino* latina* hispanic* mexican*
        chinese indian* pakistani* arab arabs immigrant* migrant* refugee* foreigner* disabled
        autistic deaf blind elderly feminist* gypsy gypsies roma jude juden moslem* muslime*
        flüchtling* ausländer* asylant* migranten türken araber frauen schwule lesben
        homosexuell* judío* judio* musulman* negro negros negra negras inmigrante* mujeres
        mulher mulheres homens judeu* muçulmano* nordestino* favelado* femmes juifs arabes noirs
        immigrés евре* мусульман* женщин* геи геев негр* мигрант* yahudi muslim kristen wanita
        perempuan kadın* kürt* suriyeli* eşcinsel* 黑 女""",
    "demean": """
        vermin cockroach* parasite* subhuman* savage* savages monkey* ape apes animal* beast*
        plague disease cancer infest* breed breeding invad* invasion deport* inferior
        degenerate* uncivili* barbari* primitive thugs criminals rapists terrorists scum filth
        swarm* hordes garbage ungeziefer parasiten schmarotzer* invasoren affen ratten
        untermensch* abschieben raus verseuch* cucaracha* ratas animales bestias salvajes plaga
        invasores parásito* macacos ratos praga animais bandido* vermine rats cafards sauvages
        parasites паразит* крыс* животн* звер* дикар* kecoa hama binatang böcek hayvan""",
    "hate": """
        hate* hated hater* hating despise* loathe* detest* shame ashamed embarrass* awful
        horrible worst terrible annoying odio odiar asco ódio odeio nojo hasse hass haine
        déteste ненавиж* ненавист* benci nefret""",
    "accuse": """
        racist* racism nazi* fascis* bigot* sexist* misogyn* homophob* transphob* supremacist*
        hypocrit* crook* corrupt* fraud* liar liars lying lies lied evil criminal* thug*
        terroris* pedo* paedo* rapist* murderer* propaganda treason communis* commie* marxis*
        socialist* dictator* tyran* fake hoax conspirac* racista* fascista* nazista* corrupto*
        ladrón ladrões ladrão mentiros* bandido* terrorista* rassist* faschist* nazis lügner
        lügenpresse kriminell* verbrecher* terrorist* raciste* fasciste* menteur* voleur*
        расист* фашист* нацист* вор воры террорист* лжец предател* koruptor penipu hırsız
        yalancı terörist""",
    "politics": """
        trump* hillary clinton obama* biden democrat* republican* liberal* libs conservative*
        leftist* lefties maga gop antifa brexit tory tories labour senator* congress president*
        minister* government* election* vote voted voter* party parliament politician* merkel
        grünen afd cdu spd regierung politik* presidente governo bolsonaro lula petista*
        petralha* esquerdista* bolsominion* gobierno político* gouvernement macron putin путин*
        власт* депутат* правительств* pemerintah jokowi presiden erdoğan hükümet""",
    "silence": """
        shut shutup leave quit delete uninstall cry shame go away out gone back cállate callate
        cala maul klappe verschwinde ferme gueule dégage taci zitto заткни* вали уйди катись
        diam pergi sus defol git câm cút""",
}
